/** The main job: from a folder of gray images to a classifier, its metrics and a model file. */
import { basename } from "node:path";
import {
  efficientNet,
  encode,
  foldBatchNorm,
  foldGrayscale,
  inference,
  join,
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
import { planRunFolder, type RunFolderOptions, writeNewRunFolder } from "../run/run-folder.js";
import { version } from "../version.js";
import { crossValidate, type FoldResults, meanAndDeviation, scatter } from "./cross-validate.js";
import { type Evaluated, evaluateHead } from "./evaluate-head.js";
import { fineTune, fineTuneFolds, type Unfinished } from "./network/fine-tune.js";
import { openUnfinished, readUnfinished, type UnfinishedRun } from "./network/unfinished-run.js";
import { readVariants } from "./read-variants.js";
import { type NetworkResults, type RunResults, runFiles } from "./run-files.js";
import { foldImages, splitImages } from "./split-images.js";
import { type TrainContext, type TrainedHead, trainHead } from "./train-head.js";
import type { ResolvedOptions } from "./train-options.js";
import { type FeatureSettings, featureTableOf, type Ready, withFeatures } from "./with-features.js";

export interface TrainSettings extends FeatureSettings, RunFolderOptions {}

export interface TrainResult extends RunResults {
  /** The run folder. */
  readonly folder: string;
}

/** Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit. */
export async function train(root: string, settings: TrainSettings = {}): Promise<TrainResult> {
  const runName = root.replace(/\.csv$/i, "");
  let place = "";
  const plan = async (dataset: Dataset, options: ResolvedOptions) => {
    const sides = checkPlan(dataset, options);
    place = await planRunFolder(runName, settings); // a name or a folder that will not do is told now
    return sides;
  };
  const checked = { ...settings, check: settings.check ?? true };
  return withFeatures(root, checked, plan, async (ready) => {
    const unfinished = await openUnfinishedOf(ready, place, root, settings);
    try {
      const { results, model } = await fit(ready, unfinished);
      settings.signal?.throwIfAborted();
      const files = new Map<string, Uint8Array | string>([...runFiles(results), ["model.onnx", model]]);
      const named = unfinished ? { ...settings, name: basename(place) } : settings;
      const folder = await writeNewRunFolder(runName, named, files);
      await unfinished?.remove();
      return { folder, ...results };
    } finally {
      await unfinished?.removeIfEmpty();
    }
  });
}

/** Goes on with a training that was stopped, from its last checkpoint. `settings` are those that a run does not keep. */
export async function resumeTraining(
  unfinished: string,
  settings: Pick<TrainSettings, "cache" | "onEvent" | "signal" | "keepFeatures"> = {},
): Promise<TrainResult> {
  const begun = await readUnfinished(unfinished);
  return train(begun.root, { ...begun.settings, check: false, ...settings }); // what it tells was told
}

/** Cross-validated networks are not saved on the way: none of them is kept. */
async function openUnfinishedOf(
  { options, onEvent }: Ready,
  place: string,
  root: string,
  { onEvent: _, signal: __, cache: ___, keepFeatures: ____, ...settings }: TrainSettings,
): Promise<UnfinishedRun | undefined> {
  if (!options.network || options.folds !== undefined) return undefined;
  return openUnfinished(
    place,
    { root, settings },
    {
      onSaved: (folder) => onEvent({ kind: "saved", folder }),
      onDamaged: (message) => onEvent({ kind: "warning", message }),
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
  if (options.folds !== undefined) foldImages(dataset, sides, options.folds, options.seed);
  return sides;
}

/** Trains and measures the head, then what trains of the network, and writes what is kept as an ONNX file. */
async function fit(
  ready: Ready,
  unfinished: Unfinished | undefined,
): Promise<{ results: RunResults; model: Uint8Array }> {
  const { runtime, dataset, chosen, trunk, backbone, options, onEvent } = ready;
  const { classes } = dataset;
  const sides = splitImages(dataset, options);
  onEvent({ kind: "split", dataset, sides });
  const { head, ...headAlone } = await fitHeadAlone(ready, sides);
  const network = options.network ? await tune(ready, sides, head.model, { ...headAlone, unfinished }) : undefined;
  const isKept = network?.kept === "network";
  const measured = isKept
    ? { validation: network.tuned.validation, test: network.tuned.test, folds: network.folds }
    : headAlone;
  const trained = { head, network, sides, isValidation: sides.map((side) => side === "val"), ...measured };
  const results = {
    dataset,
    options,
    chosen,
    device: runtime.device,
    backbone,
    trunk: trunk.key,
    headAlone,
    ...trained,
  };
  const metadata = writeMetadata({
    version: version(),
    backbone: backbone.name,
    weights: isKept ? `${backbone.source}, fine-tuned: ${options.network?.unfreeze}` : backbone.source,
    head: options.head,
    classes,
    preprocessing: { ...trunk.preprocessing, window: chosen.window, samples: chosen.samples },
  });
  const model = isKept
    ? join(foldBatchNorm(foldGrayscale(network.tuned.backbone)), network.tuned.head)
    : join(trunk.model, head.model);
  return { results, model: encode(lower(model, inference), metadata) };
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
  { validation, folds: ofHeads, unfinished }: HeadMeasures & { readonly unfinished: Unfinished | undefined },
): Promise<NetworkResults> {
  const { onEvent, dataset } = ready;
  const developing = [...sides.keys()].filter((i) => sides[i] !== "test");
  let folds: FoldResults | undefined;
  if (ofHeads) {
    const each = await fineTuneFolds(ready, developing, ofHeads.foldOf, ofHeads.heads);
    const probabilities = new Float32Array(developing.length * dataset.classes.length);
    for (const [fold, own] of each.entries())
      scatter(probabilities, own.probabilities, ofHeads.foldOf, fold, dataset.classes.length);
    folds = { ...ofHeads, folds: each, probabilities };
  }
  const tuned = await fineTune(ready, sides, head, unfinished);
  const before = ofHeads ? meanOf(ofHeads) : validation?.metrics;
  const after = folds ? meanOf(folds) : tuned.validation?.metrics;
  const isBetter =
    !before ||
    !after ||
    after.accuracy > before.accuracy ||
    (after.accuracy === before.accuracy && after.logLoss < before.logLoss);
  const kept = isBetter ? "network" : "head";
  if (before && after) onEvent({ kind: "kept", kept, head: before.accuracy, network: after.accuracy });
  return { tuned, kept, folds };
}

const meanOf = ({ folds }: FoldResults) => ({
  accuracy: meanAndDeviation(folds.map(({ metrics }) => metrics.accuracy)).mean,
  logLoss: meanAndDeviation(folds.map(({ metrics }) => metrics.logLoss)).mean,
});
