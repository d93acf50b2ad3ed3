/** What a training leaves in its run folder. Same input, same bytes: no times, no names of machines. */
import {
  indexOfLargest,
  type Measured,
  type Metrics,
  type SplitSide,
  showWindow,
  writeSafetensors,
  writeSafetensorsAs,
} from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import type { ChosenWindow } from "../features/choose-window.js";
import { toCsv, toCsvBytes } from "../run/csv.js";
import { backboneFile, configFile, headFile, noveltyFile } from "../run/run-config.js";
import { versions } from "../version.js";
import { type FoldResults, meanAndDeviation } from "./cross-validate.js";
import type { Evaluated } from "./evaluate-head.js";
import type { Judgement } from "./judge/judge.js";
import type { JudgedClassifier } from "./judge/judge-kept.js";
import { judgementMetrics, modelJudgement } from "./judge/show-judgement.js";
import { epochRow } from "./network/epoch-row.js";
import type { TunedNetwork } from "./network/fine-tune.js";
import { countSides } from "./split-images.js";
import type { HistoryRow, TrainedHead } from "./train-head.js";
import type { ResolvedOptions } from "./train-options.js";

export interface RunResults {
  readonly dataset: Dataset;
  readonly options: ResolvedOptions;
  readonly chosen: ChosenWindow;
  readonly backbone: Backbone;
  /** `Trunk.key`. */
  readonly trunk: string;
  /** The execution provider that computed; "auto" among the options says only what was asked for. */
  readonly device: string;
  readonly head: TrainedHead;
  /** How the head does on the network as it was. */
  readonly headAlone: Pick<RunResults, "validation" | "test" | "folds">;
  /** Absent where only the head trained. */
  readonly network: NetworkResults | undefined;
  readonly sides: readonly SplitSide[];
  /** `sides` is "val". */
  readonly isValidation: readonly boolean[];
  /** Of what is kept, calibrated; so are the others. */
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  /** Of the images that are not tested. */
  readonly folds: FoldResults | undefined;
  readonly judged: JudgedClassifier;
}

export interface NetworkResults {
  readonly tuned: TunedNetwork;
  /** The head alone, where the network that was trained is no better on the images that validate. */
  readonly kept: "network" | "head";
  readonly folds: FoldResults | undefined;
}

/** By file name; `model.onnx` is the caller's. */
export function runFiles(results: RunResults): Map<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    [configFile, toJson(config(results))],
    [headFile, writeSafetensorsAs(results.judged.head, "keras")],
    ...backboneFiles(results),
    ...noveltyFiles(results),
    ["split.csv", splitCsv(results)],
    ["results.csv", resultsCsv(results.network?.tuned.history.map(epochRow) ?? results.head.history)],
    ["metrics.json", toJson(metrics(results))],
    ["predictions.csv", predictionsCsv(results)],
    ...doubtfulFiles(results),
  ]);
}

const keptNetwork = ({ network }: RunResults) => (network?.kept === "network" ? network.tuned : undefined);

/** The network with what it has learned, as it was declared, so that it can be exported. */
function backboneFiles(results: RunResults): [string, Uint8Array][] {
  const kept = keptNetwork(results);
  return kept ? [[backboneFile, writeSafetensorsAs(kept.backbone, "keras")]] : [];
}

/** What the model's output `novelty` compares with, so that an export has it too. */
function noveltyFiles({ judged: { judgement } }: RunResults): [string, Uint8Array][] {
  if (!judgement.novelty) return [];
  const { bank, threshold } = judgement.novelty;
  const tensors = new Map([
    ["bank", bank],
    ["threshold", { shape: [], data: Float32Array.of(threshold) }],
  ]);
  return [[noveltyFile, writeSafetensors(tensors, {})]];
}

const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function config({ dataset, options, chosen, backbone, trunk, device, sides, network, judged }: RunResults) {
  const counts = countSides(dataset.images, sides);
  return {
    dataset: dataset.root,
    classes: dataset.classes,
    options: { ...options, device },
    window: showWindow(chosen.window),
    samples: chosen.samples,
    weights: backbone.source,
    isTransferred: backbone.isTransferred,
    trunk,
    ...(network && { trained: network.kept === "network" ? backboneFile : "the head alone" }),
    judgement: modelJudgement(judged.judgement),
    images: { train: 0, val: 0, ...mapValues(counts, ({ images }) => images) },
    ...(dataset.groupedBy && { groups: { by: dataset.groupedBy, ...mapValues(counts, ({ groups }) => groups) } }),
    ...(dataset.copies && { copies: dataset.copies }),
    ignored: dataset.ignored,
    skipped: dataset.skipped,
    versions: versions(),
  };
}

const mapValues = <Key extends string, From, To>(map: ReadonlyMap<Key, From>, change: (value: From) => To) =>
  Object.fromEntries([...map].map(([key, value]) => [key, change(value)]));

function splitCsv({ dataset, sides, folds }: RunResults): string {
  let row = 0; // among those not tested
  const rows = dataset.images.map(({ relative, label }, i) => {
    const side = folds && sides[i] !== "test" ? `fold ${folds.foldOf[row++]! + 1}` : sides[i];
    return [relative, dataset.classes[label], side];
  });
  return toCsv(["path", "label", "split"], rows);
}

function resultsCsv(history: readonly HistoryRow[]): string {
  const columns = Object.keys(history[0] ?? { epoch: 0, loss: 0 });
  return toCsv(
    columns,
    history.map((row) => columns.map((column) => row[column])),
  );
}

function metrics({ head, validation, test, folds, network, headAlone, judged }: RunResults) {
  const { measured } = judged.judgement;
  return {
    validation: validation ? measuredMetrics(validation, measured.validation) : null,
    ...(test && { test: measuredMetrics(test, measured.test) }),
    folds: folds ? allFoldMetrics(folds, measured) : null,
    ...judgementMetrics(judged.judgement),
    head: head.outcome,
    ...(network && { network: networkMetrics(network, headAlone) }),
  };
}

const allFoldMetrics = ({ folds }: FoldResults, { folds: together, eachFold }: Judgement["measured"]) => ({
  ...foldMetrics(folds.map((fold, i) => measuredMetrics(fold, eachFold?.[i] && { metrics: eachFold[i] }))),
  together: measuredMetrics(undefined, together),
});

/** What is one number with its interval, then the confusions and the classes. */
const measuredMetrics = (evaluated: Evaluated | undefined, measured: Partial<Measured> | undefined) => ({
  ...measured?.metrics,
  ...(measured?.intervals && { intervals: measured.intervals }),
  ...(evaluated && { confusionMatrix: evaluated.metrics.confusionMatrix, perClass: evaluated.metrics.perClass }),
});

/** What is kept, and how both do: the head on the network as it was, and the network that was trained. */
function networkMetrics({ tuned, kept, folds }: NetworkResults, headAlone: RunResults["headAlone"]) {
  const { bestEpoch, history, kernels, validation, test } = tuned;
  const measured = (of: RunResults["headAlone"]) => ({
    validation: of.validation?.metrics ?? null,
    ...(of.test && { test: of.test.metrics }),
    folds: of.folds ? foldMetrics(of.folds.folds.map(({ metrics }) => metrics)) : null,
  });
  return {
    kept,
    bestEpoch,
    epochs: history.length,
    kernels,
    headAlone: measured(headAlone),
    trained: measured({ validation, test, folds }),
  };
}

/** Absent where there are too few images to tell. */
function doubtfulFiles({ dataset: { images, classes }, judged: { doubtful } }: RunResults): [string, Uint8Array][] {
  if (!doubtful) return [];
  const header = ["path", "label", "suggested", "p_label", "p_suggested", "neighbour", "neighbour_label"];
  const rows = doubtful.map(({ image, label, suggested, ofLabel, ofSuggested, neighbours: [nearest] }) => {
    const near = nearest === undefined ? ["", ""] : [images[nearest]!.relative, classes[images[nearest]!.label]!];
    return [images[image]!.relative, classes[label], classes[suggested], ofLabel, ofSuggested, ...near];
  });
  return [["doubtful-labels.csv", toCsvBytes(header, rows)]];
}

/** Mean and deviation of what is one number per fold, then each fold. */
function foldMetrics(each: readonly Readonly<Record<string, unknown>>[] | readonly Metrics[]) {
  const numbers = each.map((fold) => Object.entries(fold).filter(([, value]) => typeof value === "number"));
  const summary = numbers[0]!.map(([name], i) => [name, meanAndDeviation(numbers.map((own) => own[i]![1]))]);
  return { ...Object.fromEntries(summary), each };
}

/**
 * Validation images, or all where they were cross-validated, and those of the test, with every class' probability.
 * Where there is a test, a column tells the side.
 */
function predictionsCsv(results: RunResults): Uint8Array {
  const { dataset, test } = results;
  const { novelty } = results.judged.judgement;
  const header = [
    "path",
    "label",
    ...(test ? ["split"] : []),
    "predicted",
    ...(novelty ? ["novelty"] : []),
    ...dataset.classes,
  ];
  return toCsvBytes(header, predictionRows(results));
}

function* predictionRows({ dataset, sides, validation, test, folds, judged }: RunResults) {
  const { classes, images } = dataset;
  const { novelty } = judged.judgement;
  const row = { developing: 0, test: 0 };
  for (const [i, { relative, label }] of images.entries()) {
    const isTest = sides[i] === "test";
    if (!isTest && !folds && sides[i] !== "val") continue;
    const from = isTest ? test : (folds ?? validation);
    const start = (isTest ? row.test++ : row.developing++) * classes.length;
    const own = from!.probabilities.subarray(start, start + classes.length); // a side with images was evaluated
    const side = test ? [isTest ? "test" : "val"] : [];
    const distance = novelty ? [novelty.novelty[i]] : [];
    yield [relative, classes[label], ...side, classes[indexOfLargest(own)], ...distance, ...own];
  }
}
