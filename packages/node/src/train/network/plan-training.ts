/** What a training would compute, and what is cheaper: `plan`, and `train` before it starts. */
import { InputError, type SplitSide, unfreezeWordsOf } from "@grayling/core";
import { openBackbone } from "../../backbone/open-backbone.js";
import { splitImages } from "../split-images.js";
import type { TrainSettings } from "../train.js";
import { resolveOptions } from "../train-options.js";
import { openTraining, type Ready } from "../with-features.js";
import { measureTraining, type PlannedChoice, type PlannedImages } from "./measure-training.js";

/** What a training would take. */
export interface Plan {
  readonly images: PlannedImages;
  /** Absent without cross-validation. */
  readonly folds: number | undefined;
  /** What was asked for, then what is cheaper. */
  readonly choices: readonly [PlannedChoice, ...PlannedChoice[]];
}

/** As `train` takes them. */
export interface PlanSettings extends TrainSettings {
  /** Told of each choice before it is measured. */
  readonly onMeasured?: ((unfreeze: string) => void) | undefined;
}

/** From the dearest to the cheapest; what lies between differs little. */
const words = ["all", "block3", "block5", "block6", "block7", "top"];

/**
 * Measures what the options let train, and what is cheaper. Nothing is trained or written. Throws as `train`, and
 * `InputError` where only the head trains.
 */
export async function planTraining(root: string, settings: PlanSettings): Promise<Plan> {
  const options = resolveOptions(settings);
  if (!options.network)
    throw new InputError("plan: only the head trains, which takes seconds; say what else, such as --unfreeze block6");
  const dataset = await openTraining(root, options, settings);
  const backbone = await openBackbone(options.model, { ...options, cache: settings.cache, signal: settings.signal });
  const { onMeasured, signal } = settings;
  return measureChoices({ backbone, options, dataset, signal }, splitImages(dataset, options), { onMeasured });
}

/** A training that takes less needs nothing cheaper, and measuring that would take a good part of it. */
const worthCheaper = 180; // s

/** As `planTraining`, for a training that is about to start: what is cheaper only where it takes minutes. */
export const planReady = (ready: PlannedTraining, sides: readonly SplitSide[]): Promise<Plan> =>
  measureChoices(ready, sides, { least: worthCheaper });

type PlannedTraining = Pick<Ready, "backbone" | "options" | "dataset" | "signal">;

async function measureChoices(
  { backbone, options, dataset, signal }: PlannedTraining,
  sides: readonly SplitSide[],
  { onMeasured, least = 0 }: Pick<PlanSettings, "onMeasured"> & { readonly least?: number },
): Promise<Plan> {
  const { network, folds } = options;
  if (!network) throw new Error("internal: no layer of the network trains");
  const count = (side: SplitSide) => sides.filter((own) => own === side).length;
  const images = { train: count("train"), val: count("val"), test: count("test") };
  const measure = (unfreeze: string) => {
    signal?.throwIfAborted();
    onMeasured?.(unfreeze);
    return measureTraining({ backbone, options, dataset, images }, { ...network, unfreeze });
  };
  const own = await measure(network.unfreeze);
  const cheaper: PlannedChoice[] = [];
  const known = unfreezeWordsOf(backbone.model.graph);
  const at = words.indexOf(network.unfreeze.trim().toLowerCase());
  const others =
    at === -1 || own.secondsInAll < least ? [] : words.slice(at + 1).filter((word) => known.includes(word));
  for (const unfreeze of others) cheaper.push(await measure(unfreeze));
  return { images, folds, choices: [own, ...cheaper] };
}
