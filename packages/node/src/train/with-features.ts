/** What trainings begin with: the dataset, the network, and every image once through it or from the cache. */
import { InputError, parseWindow, type SettledWindow, type SplitSide } from "@grayling/core";
import { type Backbone, openBackbone } from "../backbone/open-backbone.js";
import { quickCheck } from "../check/quick-check.js";
import { type Dataset, groupsOf, withoutUnreadable } from "../dataset/dataset.js";
import { openDataset } from "../dataset/open-dataset.js";
import { type ChosenWindow, chooseWindow } from "../features/choose-window.js";
import { extractFeatures, type Features } from "../features/extract-features.js";
import { FeatureCache } from "../features/feature-cache.js";
import { featureKey } from "../features/feature-key.js";
import type { FeatureTable } from "../features/feature-table.js";
import { buildTrunk, type Trunk } from "../features/trunk.js";
import { type DeviceRuntime, openRuntime } from "../runtime/open-runtime.js";
import type { OnTrainEvent } from "./train-events.js";
import { type ResolvedOptions, resolveOptions, type TrainOptions } from "./train-options.js";

export interface FeatureSettings extends TrainOptions {
  /** Folder for downloaded weights and computed features; default none: nothing is downloaded or kept. */
  readonly cache?: string | undefined;
  /** False: features are neither looked up nor kept, though there is a cache. Default true. */
  readonly keepFeatures?: boolean | undefined;
  /** Whether headers are looked at first, and what they tell is an event `checked`. Default false; of `train` true. */
  readonly check?: boolean | undefined;
  readonly onEvent?: OnTrainEvent | undefined;
  /** Aborting leaves no run folder; features computed until then stay in the cache. */
  readonly signal?: AbortSignal | undefined;
}

/** What a head is trained from. */
export interface Ready {
  readonly runtime: DeviceRuntime;
  readonly dataset: Dataset;
  readonly features: Features;
  /** Folder for whatever is large; absent: none was given. */
  readonly cacheFolder: string | undefined;
  /** Where the features are kept; absent: nowhere. */
  readonly kept: FeatureCache | undefined;
  readonly chosen: ChosenWindow;
  readonly trunk: Trunk;
  readonly backbone: Backbone;
  readonly options: ResolvedOptions;
  readonly onEvent: OnTrainEvent;
  readonly signal: AbortSignal | undefined;
}

/** The sides that the images are to have, as far as that is known before they are read; throws what can be thrown now. */
export type Plan = (dataset: Dataset, options: ResolvedOptions) => Promise<readonly SplitSide[]> | readonly SplitSide[];

/**
 * Opens the dataset, plans, reads, has `work` done, and closes the runtime whatever comes.
 * Throws `InputError` for a wrong option or folder, `WeightsError` for weights that do not fit.
 */
export async function withFeatures<Result>(
  root: string,
  settings: FeatureSettings,
  plan: Plan,
  work: (ready: Ready) => Promise<Result>,
): Promise<Result> {
  const options = resolveOptions(settings);
  const { onEvent = () => {}, signal } = settings;
  const scanned = await openTraining(root, options, settings);
  const planned = await plan(scanned, options);
  onEvent({ kind: "dataset", dataset: scanned });
  if (settings.check) onEvent({ kind: "checked", root: scanned.root, findings: await quickCheck(scanned, signal) });
  const backbone = await openBackbone(options.model, {
    ...options,
    cache: settings.cache,
    signal,
    onProgress: (progress) => onEvent({ kind: "download", ...progress }),
  });
  onEvent({ kind: "backbone", backbone });
  const trunk = buildTrunk(backbone, options.fit, options.interpolation);
  const runtime = openRuntime({
    device: options.device,
    threads: options.threads,
    onFallback: (message) => onEvent({ kind: "warning", message }),
  });
  try {
    const chosen = await windowOf(scanned, planned, options, { ...settings, onEvent });
    const { batch, maxPixels } = options;
    const reading = { ...settings, onEvent, batch, maxPixels, window: chosen.window };
    const { dataset, features, kept } = await readFeatures(scanned, trunk, runtime, reading);
    const cacheFolder = settings.cache;
    return await work({
      runtime,
      cacheFolder,
      dataset,
      features,
      kept,
      chosen,
      trunk,
      backbone,
      options,
      onEvent,
      signal,
    });
  } finally {
    await runtime.close();
  }
}

/** The features as what a head is trained from. */
export const featureTableOf = ({ features, trunk, dataset: { images } }: Ready): FeatureTable => ({
  values: features.values,
  columns: trunk.columns,
  labels: images.map(({ label }) => label),
  groups: groupsOf(images),
  tiles: features.tiles,
});

/** The dataset as the options split and group it, without what they leave out. */
export function openTraining(
  root: string,
  { split, validation = 0, seed, group, exclude }: ResolvedOptions,
  { onEvent, signal }: Pick<FeatureSettings, "onEvent" | "signal">,
): Promise<Dataset> {
  return openDataset(root, {
    group,
    exclude,
    keras: split && { name: split, fraction: validation, seed },
    onWarning: (message) => onEvent?.({ kind: "warning", message }),
    signal,
  });
}

/** The window that the options name, or the one that suits the images that train. */
async function windowOf(
  { images }: Dataset,
  sides: readonly SplitSide[],
  { window, maxPixels }: ResolvedOptions,
  { onEvent, signal }: Pick<ReadOptions, "onEvent" | "signal">,
): Promise<ChosenWindow> {
  const training = images.filter((_, i) => sides[i] === "train");
  const chosen = await chooseWindow(training, {
    asked: window === undefined ? undefined : parseWindow(window),
    maxPixels,
    signal,
    onProgress: (progress) => onEvent({ kind: "values", ...progress }),
  });
  if (chosen.said !== undefined) onEvent({ kind: "window", said: chosen.said });
  return chosen;
}

interface ReadOptions extends Pick<FeatureSettings, "cache" | "keepFeatures" | "signal"> {
  readonly batch: number;
  readonly window: SettledWindow;
  readonly maxPixels: number | undefined;
  readonly onEvent: OnTrainEvent;
}

async function readFeatures(
  scanned: Dataset,
  trunk: Trunk,
  runtime: DeviceRuntime,
  { cache, keepFeatures = true, signal, batch, window, maxPixels, onEvent }: ReadOptions,
): Promise<Pick<Ready, "dataset" | "features" | "kept">> {
  const session = await runtime.openForBatches(trunk.encoded);
  const key = featureKey(trunk, runtime.device, window);
  const warn = (message: string) => onEvent({ kind: "warning", message });
  const kept = keepFeatures && cache !== undefined ? await openCache(cache, key, trunk.columns, warn) : undefined;
  const reasons = new Map<number, string>();
  const features = await extractFeatures(scanned.images, trunk, session, {
    batch,
    window,
    maxPixels,
    cache: kept,
    signal,
    onSkip: (index, reason) => reasons.set(index, reason),
    onProgress: (progress) => onEvent({ kind: "features", ...progress }),
  });
  await session.release();
  const dataset = withoutUnreadable(scanned, reasons);
  onEvent({ kind: "read", dataset, features });
  return { dataset, features, kept };
}

/** A cache that cannot be written makes a training slower the next time, and no worse: it is told once. */
async function openCache(
  cache: string,
  key: string,
  columns: number,
  warn: (message: string) => void,
): Promise<FeatureCache | undefined> {
  const tell = (message: string) => warn(`${message}; computed features are not kept`);
  try {
    const kept = await FeatureCache.open(cache, key, columns);
    if (kept.damaged > 0) {
      warn(`${kept.damaged} damaged files of cached features were removed; their images are computed again`);
    }
    kept.tolerateFailure(tell);
    return kept;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    tell(error.message);
    return undefined;
  }
}
