/** The main job: from a folder of gray images to a classifier, its metrics and a model file. */
import { encode, inference, join, lower, parseHead, stratifiedFolds } from "@grayling/core";
import { type Backbone, openBackbone } from "../backbone/open-backbone.js";
import { type Dataset, withoutUnreadable } from "../dataset/dataset.js";
import { scanFolder } from "../dataset/scan-folder.js";
import { extractFeatures, type Features } from "../features/extract-features.js";
import { FeatureCache } from "../features/feature-cache.js";
import { type FeatureTable, selectRows } from "../features/feature-table.js";
import { buildTrunk, type Trunk } from "../features/trunk.js";
import { writeMetadata } from "../run/model-metadata.js";
import { planRunFolder, type RunFolderOptions, writeNewRunFolder } from "../run/run-folder.js";
import { type DeviceRuntime, openRuntime } from "../runtime/open-runtime.js";
import { version } from "../version.js";
import { crossValidate } from "./cross-validate.js";
import { evaluateHead } from "./evaluate-head.js";
import { type RunResults, runFiles } from "./run-files.js";
import { splitImages } from "./split-images.js";
import type { OnTrainEvent } from "./train-events.js";
import { type TrainContext, trainHead } from "./train-head.js";
import { type ResolvedOptions, resolveOptions, type TrainOptions } from "./train-options.js";

export interface TrainSettings extends TrainOptions, RunFolderOptions {
  /** Folder for downloaded weights and computed features; default none: nothing is downloaded or kept. */
  readonly cache?: string | undefined;
  /** False: features are neither looked up nor kept, though there is a cache. Default true. */
  readonly keepFeatures?: boolean | undefined;
  readonly onEvent?: OnTrainEvent | undefined;
  /** Aborting leaves no run folder; features computed until then stay in the cache. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainResult extends RunResults {
  /** The run folder. */
  readonly folder: string;
}

/** Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit. */
export async function train(root: string, settings: TrainSettings = {}): Promise<TrainResult> {
  const options = resolveOptions(settings);
  const { onEvent = () => {}, signal } = settings;
  const scanned = await scanFolder(root);
  checkPlan(scanned, options);
  await planRunFolder(root, settings); // a name or a folder that will not do is told now
  onEvent({ kind: "dataset", dataset: scanned });
  const backbone = await openBackbone(options.model, {
    ...options,
    cache: settings.cache,
    signal,
    onProgress: (progress) => onEvent({ kind: "download", ...progress }),
  });
  onEvent({ kind: "backbone", backbone });
  const trunk = buildTrunk(backbone, options.fit);
  const runtime = openRuntime({
    device: options.device,
    threads: options.threads,
    onFallback: (message) => onEvent({ kind: "warning", message }),
  });
  try {
    const { dataset, features } = await readFeatures(scanned, trunk, runtime, {
      ...settings,
      onEvent,
      batch: options.batch,
    });
    const { results, model } = await fit({ runtime, dataset, features, trunk, backbone, options, onEvent, signal });
    signal?.throwIfAborted();
    const files = new Map<string, Uint8Array | string>([...runFiles(results), ["model.onnx", model]]);
    const folder = await writeNewRunFolder(root, settings, files);
    return { folder, ...results };
  } finally {
    await runtime.close();
  }
}

/** Throws now what would otherwise be thrown after the features have been computed. */
function checkPlan(dataset: Dataset, options: ResolvedOptions): void {
  parseHead(options.head, dataset.classes.length);
  splitImages(dataset, options);
  if (options.folds === undefined) return;
  const labels = dataset.images.map(({ label }) => label);
  stratifiedFolds(labels, options.folds, options.seed);
}

interface ReadOptions extends Pick<TrainSettings, "cache" | "keepFeatures" | "signal"> {
  readonly batch: number;
  readonly onEvent: OnTrainEvent;
}

async function readFeatures(
  scanned: Dataset,
  trunk: Trunk,
  runtime: DeviceRuntime,
  { cache, keepFeatures = true, signal, batch, onEvent }: ReadOptions,
): Promise<{ dataset: Dataset; features: Features }> {
  const session = await runtime.openForBatches(trunk.encoded);
  // Other devices compute in other precision.
  const key = runtime.device === "cpu" ? trunk.key : `${runtime.device}-${trunk.key}`;
  const kept = keepFeatures && cache !== undefined ? await FeatureCache.open(cache, key, trunk.columns) : undefined;
  if (kept && kept.damaged > 0) {
    onEvent({
      kind: "warning",
      message: `${kept.damaged} damaged files of cached features were removed; their images are computed again`,
    });
  }
  const reasons = new Map<number, string>();
  const features = await extractFeatures(scanned.images, trunk, session, {
    batch,
    cache: kept,
    signal,
    onSkip: (index, reason) => reasons.set(index, reason),
    onProgress: (progress) => onEvent({ kind: "features", ...progress }),
  });
  await session.release();
  const dataset = withoutUnreadable(scanned, reasons);
  onEvent({ kind: "read", dataset, features });
  return { dataset, features };
}

interface Ready {
  readonly runtime: DeviceRuntime;
  readonly dataset: Dataset;
  readonly features: Features;
  readonly trunk: Trunk;
  readonly backbone: Backbone;
  readonly options: ResolvedOptions;
  readonly onEvent: OnTrainEvent;
  readonly signal: AbortSignal | undefined;
}

/** Trains and measures the head, and joins it to the trunk as an ONNX file. */
async function fit(ready: Ready): Promise<{ results: RunResults; model: Uint8Array }> {
  const { runtime, dataset, features, trunk, backbone, options, onEvent, signal } = ready;
  const { classes } = dataset;
  const labels = dataset.images.map(({ label }) => label);
  const table: FeatureTable = { values: features.values, columns: trunk.columns, labels };
  const context: TrainContext = { runtime, classes, options, onEvent, signal };
  const isValidation = splitImages(dataset, options);
  const folds = options.folds === undefined ? undefined : await crossValidate(table, options.folds, context);
  const head = await trainHead(
    selectRows(table, (row) => !isValidation[row]),
    context,
  );
  const validating = selectRows(table, (row) => isValidation[row]!);
  const validation = validating.labels.length > 0 ? await evaluateHead(head.model, validating, context) : undefined;
  const trained = { head, isValidation, validation, folds };
  const results = { dataset, options, device: runtime.device, backbone, trunk: trunk.key, ...trained };
  const metadata = writeMetadata({
    version: version(),
    backbone: backbone.name,
    weights: backbone.source,
    head: options.head,
    classes,
    preprocessing: trunk.preprocessing,
  });
  return { results, model: encode(lower(join(trunk.model, head.model), inference), metadata) };
}
