/** What a training leaves in its run folder. Same input, same bytes: no times, no names of machines. */
import { indexOfLargest, type Metrics, type SplitSide, showWindow, writeSafetensorsAs } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import type { ChosenWindow } from "../features/choose-window.js";
import { toCsv, toCsvBytes } from "../run/csv.js";
import { backboneFile, configFile, headFile } from "../run/run-config.js";
import { versions } from "../version.js";
import { type FoldResults, meanAndDeviation } from "./cross-validate.js";
import type { Evaluated } from "./evaluate-head.js";
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
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  /** Of the images that are not tested. */
  readonly folds: FoldResults | undefined;
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
    [headFile, writeSafetensorsAs(keptNetwork(results)?.head ?? results.head.model, "keras")],
    ...backboneFiles(results),
    ["split.csv", splitCsv(results)],
    ["results.csv", resultsCsv(results.network?.tuned.history.map(epochRow) ?? results.head.history)],
    ["metrics.json", toJson(metrics(results))],
    ["predictions.csv", predictionsCsv(results)],
  ]);
}

const keptNetwork = ({ network }: RunResults) => (network?.kept === "network" ? network.tuned : undefined);

/** The network with what it has learned, as it was declared, so that it can be exported. */
function backboneFiles(results: RunResults): [string, Uint8Array][] {
  const kept = keptNetwork(results);
  return kept ? [[backboneFile, writeSafetensorsAs(kept.backbone, "keras")]] : [];
}

const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function config({ dataset, options, chosen, backbone, trunk, device, sides, network }: RunResults) {
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

function metrics({ head, validation, test, folds, network, headAlone }: RunResults) {
  return {
    validation: validation?.metrics ?? null,
    ...(test && { test: test.metrics }),
    folds: folds ? foldMetrics(folds.folds) : null,
    head: head.outcome,
    ...(network && { network: networkMetrics(network, headAlone) }),
  };
}

/** What is kept, and how both do: the head on the network as it was, and the network that was trained. */
function networkMetrics({ tuned, kept, folds }: NetworkResults, headAlone: RunResults["headAlone"]) {
  const { bestEpoch, history, kernels, validation, test } = tuned;
  const measured = (of: RunResults["headAlone"]) => ({
    validation: of.validation?.metrics ?? null,
    ...(of.test && { test: of.test.metrics }),
    folds: of.folds ? foldMetrics(of.folds.folds) : null,
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

/** The numbers that are one per fold. */
const scalarMetrics = ["accuracy", "balancedAccuracy", "macroF1", "logLoss"] as const satisfies (keyof Metrics)[];

function foldMetrics(folds: readonly Evaluated[]) {
  const summary = scalarMetrics.map((name) => [name, meanAndDeviation(folds.map(({ metrics }) => metrics[name]))]);
  return { ...Object.fromEntries(summary), each: folds.map(({ metrics }) => metrics) };
}

/**
 * Validation images, or all where they were cross-validated, and those of the test, with every class' probability.
 * Where there is a test, a column tells the side.
 */
function predictionsCsv(results: RunResults): Uint8Array {
  const { dataset, test } = results;
  const header = ["path", "label", ...(test ? ["split"] : []), "predicted", ...dataset.classes];
  return toCsvBytes(header, predictionRows(results));
}

function* predictionRows({ dataset, sides, validation, test, folds }: RunResults) {
  const { classes, images } = dataset;
  const row = { developing: 0, test: 0 };
  for (const [i, { relative, label }] of images.entries()) {
    const isTest = sides[i] === "test";
    if (!isTest && !folds && sides[i] !== "val") continue;
    const from = isTest ? test : (folds ?? validation);
    const start = (isTest ? row.test++ : row.developing++) * classes.length;
    const own = from!.probabilities.subarray(start, start + classes.length); // a side with images was evaluated
    const side = test ? [isTest ? "test" : "val"] : [];
    yield [relative, classes[label], ...side, classes[indexOfLargest(own)], ...own];
  }
}
