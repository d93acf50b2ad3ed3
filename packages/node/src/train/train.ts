/** The main job: from a folder of gray images to a classifier, its metrics and a model file. */
import {
  efficientNet,
  encode,
  foldBatchNorm,
  foldGrayscale,
  InputError,
  inference,
  lower,
  type Model,
  parseHead,
  type SplitSide,
  selectLayers,
} from "@grayling/core";
import { selectWithVariants } from "../augment/select-with-variants.js";
import type { Dataset } from "../dataset/dataset.js";
import { selectRows } from "../features/feature-table.js";
import { writeMetadata } from "../run/model-metadata.js";
import { type ClaimedRun, claimAgain, claimRun, type RunFolderOptions, writeNewRunFolder } from "../run/run-folder.js";
import { version } from "../version.js";
import { crossValidate, type FoldResults, meanAndDeviation, scatter } from "./cross-validate.js";
import { type Evaluated, evaluateHead } from "./evaluate-head.js";
import { featuresOfTuned, judgeKept, type KeptClassifier } from "./judge/judge-kept.js";
import { modelJudgement } from "./judge/show-judgement.js";
import { chooseKept, whatWentWrong } from "./network/choose-kept.js";
import { fineTune, fineTuneFolds, type TunedNetwork } from "./network/fine-tune.js";
import { planReady } from "./network/plan-training.js";
import { finishedRun, openUnfinished, readUnfinished, type UnfinishedRun } from "./network/unfinished-run.js";
import { readVariants } from "./read-variants.js";
import { type NetworkResults, type RunResults, runFiles } from "./run-files.js";
import { foldImages, splitImages } from "./split-images.js";
import { type TrainContext, type TrainedHead, trainHead } from "./train-head.js";
import type { ResolvedOptions } from "./train-options.js";
import { type FeatureSettings, featureTableOf, type Ready, withFeatures } from "./with-features.js";

export interface TrainSettings extends FeatureSettings, RunFolderOptions {
  /** Whether it is measured first what the training of the network will take, and told as an event `plan`. Default false. */
  readonly plan?: boolean | undefined;
}

export interface TrainResult extends RunResults {
  /** The run folder. */
  readonly folder: string;
}

/** Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit. */
export function train(root: string, settings: TrainSettings = {}): Promise<TrainResult> {
  const checked = { ...settings, check: settings.check ?? true };
  return trainAt(root, checked, () => claimRun(root.replace(/\.csv$/i, ""), settings));
}

/** Goes on with a training that was stopped, from its last checkpoint. `settings` are those that a run does not keep. */
export async function resumeTraining(
  unfinished: string,
  settings: Pick<TrainSettings, "cache" | "onEvent" | "signal" | "keepFeatures"> = {},
): Promise<TrainResult> {
  const begun = await readUnfinished(unfinished);
  const resumed = { ...begun.settings, check: false, plan: false, ...settings }; // what they tell was told
  return trainAt(begun.root, resumed, async () => {
    const claimed = await claimAgain(begun.run);
    const finished = await finishedRun(unfinished);
    if (finished === undefined) return claimed;
    await claimed.release();
    throw new InputError(`resume ${unfinished}: this training is finished, its run is ${finished}`);
  });
}

/** `claim` says where the run will lie, or why it cannot; it is asked as soon as the options are known to be good. */
async function trainAt(root: string, settings: TrainSettings, claim: () => Promise<ClaimedRun>): Promise<TrainResult> {
  let claimed: ClaimedRun | undefined;
  const plan = async (dataset: Dataset, options: ResolvedOptions) => {
    const sides = checkPlan(dataset, options);
    claimed = await claim();
    return sides;
  };
  try {
    return await withFeatures(root, settings, plan, (ready) => trainReady(ready, root, settings, claimed!.folder)); // planned first
  } finally {
    await claimed?.release();
  }
}

async function trainReady(ready: Ready, root: string, settings: TrainSettings, place: string): Promise<TrainResult> {
  const { onEvent, signal } = ready;
  const warn = (message: string) => onEvent({ kind: "warning", message });
  const unfinished = await openUnfinishedOf(ready, place, root, settings);
  try {
    const { results, model } = await fit(ready, { unfinished, isPlanned: settings.plan ?? false });
    signal?.throwIfAborted();
    if (unfinished && unfinished.failures > 0) {
      warn(`${unfinished.failures} checkpoints could not be written; the training itself is whole`);
    }
    const files = new Map<string, Uint8Array | string>([...runFiles(results), ["model.onnx", model]]);
    const folder = await writeNewRunFolder(place, files, async (tried) => unfinished?.finish(tried, model));
    if (folder !== place) warn(`${place}: something else lies there by now; the run is written to ${folder}`);
    await unfinished?.remove();
    return { folder, ...results };
  } finally {
    await unfinished?.removeIfEmpty();
  }
}

/** None where only the head trains: that takes seconds. */
async function openUnfinishedOf(
  { options, onEvent }: Ready,
  place: string,
  root: string,
  { onEvent: _, signal: __, cache: ___, keepFeatures: ____, ...settings }: TrainSettings,
): Promise<UnfinishedRun | undefined> {
  if (!options.network) return undefined;
  return openUnfinished(
    place,
    { root, settings },
    {
      onSaved: (folder) => onEvent({ kind: "saved", folder }),
      onWarning: (message) => onEvent({ kind: "warning", message }),
    },
  );
}

/**
 * Throws now what would otherwise be thrown after the features have been computed. Returns the sides, which are drawn again
 * when it is known which images can be read.
 */
function checkPlan(dataset: Dataset, options: ResolvedOptions): readonly SplitSide[] {
  parseHead(options.head, dataset.classes.length);
  const { model, height, width, network } = options;
  if (network) selectLayers(efficientNet(model, { height, width, includeTop: false }), network.unfreeze);
  const sides = splitImages(dataset, options);
  checkThresholds(dataset, options, sides);
  if (options.folds !== undefined) foldImages(dataset, sides, options.folds, options.seed);
  return sides;
}

function checkThresholds(
  { classes }: Dataset,
  { thresholds = [], folds }: ResolvedOptions,
  sides: readonly SplitSide[],
): void {
  for (const { metric, value, className } of thresholds) {
    const subject = `threshold ${metric}:${value}:${className}`;
    if (!classes.includes(className)) {
      throw new InputError(`${subject}: no such class, expected one of ${classes.join(", ")}`);
    }
    if (folds === undefined && !sides.includes("val")) {
      throw new InputError(`${subject}: no image validates, so none can be chosen; set --val or --folds`);
    }
  }
}

/** Trains and measures the head, then what trains of the network, and writes what is kept as an ONNX file. */
async function fit(
  ready: Ready,
  { unfinished, isPlanned }: { readonly unfinished: UnfinishedRun | undefined; readonly isPlanned: boolean },
): Promise<{ results: RunResults; model: Uint8Array }> {
  const { runtime, dataset, chosen, trunk, backbone, options, onEvent } = ready;
  const { classes } = dataset;
  const sides = splitImages(dataset, options);
  onEvent({ kind: "split", dataset, sides });
  if (options.network && isPlanned) onEvent({ kind: "plan", plan: await planReady(ready, sides) });
  const { head, ...headAlone } = await fitHeadAlone(ready, sides);
  const network = options.network ? await tune(ready, sides, head.model, { ...headAlone, unfinished }) : undefined;
  const isKept = network?.kept === "network";
  const measured = isKept
    ? { validation: network.tuned.validation, test: network.tuned.test, folds: network.folds }
    : headAlone;
  const { C } = head.outcome;
  const judged = await judgeKept(
    ready,
    { ...(await keptParts(ready, head.model, isKept ? network.tuned : undefined)), ...measured },
    {
      sides,
      goals: options.thresholds ?? [],
      headFolds: headAlone.folds,
      candidates: typeof C === "number" ? [C] : undefined,
    },
  );
  const results: RunResults = {
    dataset,
    options,
    chosen,
    device: runtime.device,
    backbone,
    trunk: trunk.key,
    headAlone,
    head,
    network,
    sides,
    isValidation: sides.map((side) => side === "val"),
    judged,
    validation: judged.judgement.validation,
    test: judged.judgement.test,
    folds: judged.judgement.folds,
  };
  const metadata = writeMetadata({
    version: version(),
    backbone: backbone.name,
    weights: isKept ? `${backbone.source}, fine-tuned: ${options.network?.unfreeze}` : backbone.source,
    head: options.head,
    classes,
    preprocessing: { ...trunk.preprocessing, window: chosen.window, samples: chosen.samples },
    judgement: modelJudgement(judged.judgement),
  });
  return { results, model: encode(lower(judged.model, inference), metadata) };
}

/** The parts of what is kept: the network as it was with the head, or both as they were trained. */
async function keptParts(
  ready: Ready,
  head: Model,
  tuned: TunedNetwork | undefined,
): Promise<Pick<KeptClassifier, "trunk" | "head" | "table">> {
  if (!tuned) return { trunk: ready.trunk.model, head, table: featureTableOf(ready) };
  const table = await featuresOfTuned(ready, tuned.backbone);
  return { trunk: foldBatchNorm(foldGrayscale(tuned.backbone)), head: tuned.head, table };
}

interface HeadMeasures {
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  readonly folds: FoldResults | undefined;
}

/** The head on the network as it is: trained and measured, with folds each of them too. */
async function fitHeadAlone(
  ready: Ready,
  sides: readonly SplitSide[],
): Promise<HeadMeasures & { readonly head: TrainedHead }> {
  const { runtime, dataset, options, onEvent, signal } = ready;
  const table = featureTableOf(ready);
  const context: TrainContext = { runtime, classes: dataset.classes, options, onEvent, signal };
  const ofSide = (side: SplitSide) => selectRows(table, (row) => sides[row] === side);
  const training = ofSide("train"); // with folds all that is not tested
  const variants = await readVariants(ready, sides);
  const foldOf = options.folds && foldImages(dataset, sides, options.folds, options.seed);
  const folds = foldOf ? await crossValidate(training, foldOf, context, variants) : undefined;
  const head = await trainHead(
    selectWithVariants(training, variants, () => true),
    context,
  );
  const evaluate = async (side: SplitSide) =>
    sides.includes(side) ? await evaluateHead(head.model, ofSide(side), context) : undefined;
  return { head, folds, validation: await evaluate("val"), test: await evaluate("test") };
}

/** Trains layers of the network, and decides by the images that validate whether it is better than the head alone. */
async function tune(
  ready: Ready,
  sides: readonly SplitSide[],
  head: Model,
  { validation, folds: ofHeads, unfinished }: HeadMeasures & { readonly unfinished: UnfinishedRun | undefined },
): Promise<NetworkResults> {
  const { onEvent, dataset, options, backbone } = ready;
  if (options.network?.batchNorm === "train" && backbone.isTransferred) {
    const message = `bn train: means and variances that the weights came with are estimated anew, from batches of ${options.batch}; with little data leave normalizations frozen`;
    onEvent({ kind: "warning", message });
  }
  const developing = [...sides.keys()].filter((i) => sides[i] !== "test");
  let folds: FoldResults | undefined;
  if (ofHeads) {
    const each = await fineTuneFolds(ready, developing, ofHeads, unfinished);
    const probabilities = new Float32Array(developing.length * dataset.classes.length);
    for (const [fold, own] of each.entries())
      scatter(probabilities, own.probabilities, ofHeads.foldOf, fold, dataset.classes.length);
    folds = { ...ofHeads, folds: each, probabilities };
  }
  const tuned = await fineTune(ready, sides, head, unfinished);
  const before = ofHeads ? meanOf(ofHeads) : validation?.metrics;
  const after = folds ? meanOf(folds) : tuned.validation?.metrics;
  if (!before || !after) return { tuned, kept: await keptUnseen(ready, sides, head, tuned), folds };
  const by = options.network?.watched ?? "accuracy";
  const kept = chooseKept(before, after, by);
  onEvent({ kind: "kept", kept, by, head: before, network: after });
  return { tuned, kept, folds };
}

/** What is kept where nothing validates: the network, unless it is worse even on the images that it learned from. */
async function keptUnseen(
  ready: Ready,
  sides: readonly SplitSide[],
  head: Model,
  { training }: TunedNetwork,
): Promise<"head" | "network"> {
  if (!training) return "network";
  const { runtime, dataset, options, onEvent } = ready;
  const own = selectRows(featureTableOf(ready), (row) => sides[row] === "train");
  const ofHead = await evaluateHead(head, own, { runtime, classes: dataset.classes });
  const { labelSmoothing = 0 } = options.network ?? {};
  const images = { labels: own.labels, classes: dataset.classes.length, labelSmoothing };
  const wrong = whatWentWrong(ofHead, training, images);
  if (wrong === undefined) return "network";
  const message = `training the network went wrong: ${wrong}; the head on the network as it was is kept; lower --lr, or let images validate`;
  onEvent({ kind: "warning", message });
  return "head";
}

const meanOf = ({ folds }: FoldResults) => ({
  accuracy: meanAndDeviation(folds.map(({ metrics }) => metrics.accuracy)).mean,
  logLoss: meanAndDeviation(folds.map(({ metrics }) => metrics.logLoss)).mean,
});
