/** The main job: from a folder of gray images to a classifier, its metrics and a model file. */
import { encode, inference, join, lower, parseHead, type SplitSide } from "@grayling/core";
import { selectWithVariants } from "../augment/select-with-variants.js";
import { type Dataset, groupsOf } from "../dataset/dataset.js";
import { type FeatureTable, selectRows } from "../features/feature-table.js";
import { writeMetadata } from "../run/model-metadata.js";
import { planRunFolder, type RunFolderOptions, writeNewRunFolder } from "../run/run-folder.js";
import { version } from "../version.js";
import { crossValidate } from "./cross-validate.js";
import { evaluateHead } from "./evaluate-head.js";
import { readVariants } from "./read-variants.js";
import { type RunResults, runFiles } from "./run-files.js";
import { foldImages, splitImages } from "./split-images.js";
import { type TrainContext, trainHead } from "./train-head.js";
import type { ResolvedOptions } from "./train-options.js";
import { type FeatureSettings, type Ready, withFeatures } from "./with-features.js";

export interface TrainSettings extends FeatureSettings, RunFolderOptions {}

export interface TrainResult extends RunResults {
  /** The run folder. */
  readonly folder: string;
}

/** Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit. */
export async function train(root: string, settings: TrainSettings = {}): Promise<TrainResult> {
  const runName = root.replace(/\.csv$/i, "");
  const plan = async (dataset: Dataset, options: ResolvedOptions) => {
    const sides = checkPlan(dataset, options);
    await planRunFolder(runName, settings); // a name or a folder that will not do is told now
    return sides;
  };
  return withFeatures(root, settings, plan, async (ready) => {
    const { results, model } = await fit(ready);
    settings.signal?.throwIfAborted();
    const files = new Map<string, Uint8Array | string>([...runFiles(results), ["model.onnx", model]]);
    const folder = await writeNewRunFolder(runName, settings, files);
    return { folder, ...results };
  });
}

/**
 * Throws now what would otherwise be thrown after the features have been computed. Returns the sides, which are drawn again
 * when it is known which images can be read.
 */
function checkPlan(dataset: Dataset, options: ResolvedOptions): readonly SplitSide[] {
  parseHead(options.head, dataset.classes.length);
  const sides = splitImages(dataset, options);
  if (options.folds !== undefined) foldImages(dataset, sides, options.folds, options.seed);
  return sides;
}

/** Trains and measures the head, and joins it to the trunk as an ONNX file. */
async function fit(ready: Ready): Promise<{ results: RunResults; model: Uint8Array }> {
  const { runtime, dataset, features, chosen, trunk, backbone, options, onEvent, signal } = ready;
  const { classes } = dataset;
  const labels = dataset.images.map(({ label }) => label);
  const table: FeatureTable = {
    values: features.values,
    columns: trunk.columns,
    labels,
    groups: groupsOf(dataset.images),
  };
  const context: TrainContext = { runtime, classes, options, onEvent, signal };
  const sides = splitImages(dataset, options);
  onEvent({ kind: "split", dataset, sides });
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
  const [validation, test] = [await evaluate("val"), await evaluate("test")];
  const trained = { head, sides, isValidation: sides.map((side) => side === "val"), validation, test, folds };
  const results = { dataset, options, chosen, device: runtime.device, backbone, trunk: trunk.key, ...trained };
  const metadata = writeMetadata({
    version: version(),
    backbone: backbone.name,
    weights: backbone.source,
    head: options.head,
    classes,
    preprocessing: { ...trunk.preprocessing, window: chosen.window, samples: chosen.samples },
  });
  return { results, model: encode(lower(join(trunk.model, head.model), inference), metadata) };
}
