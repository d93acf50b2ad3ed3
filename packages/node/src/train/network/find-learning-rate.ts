/** `lr-find`: which rate a training bears, tried on its own images. */
import {
  countImages,
  findRate,
  InputError,
  type Model,
  proposeRate,
  type TriedRate,
  weightsOfClasses,
} from "@grayling/core";
import type { Dataset } from "../../dataset/dataset.js";
import { selectRows } from "../../features/feature-table.js";
import { splitImages } from "../split-images.js";
import type { TrainSettings } from "../train.js";
import { trainHead } from "../train-head.js";
import type { ResolvedOptions } from "../train-options.js";
import { featureTableOf, type Ready, withFeatures } from "../with-features.js";
import type { NetworkTraining } from "./network-options.js";
import { storeRows } from "./store-rows.js";
import { openNetwork, startingHead } from "./with-network.js";

/** What the search came to. */
export interface FoundRate {
  readonly tried: readonly TriedRate[];
  /** Absent where no rate made the loss fall. */
  readonly proposed: number | undefined;
}

/** As `train` takes them, and how the search goes. */
export interface FindRateSettings extends TrainSettings {
  /** Rates to try; default 100. */
  readonly steps?: number | undefined;
  readonly onTried?: ((tried: TriedRate, done: number, steps: number) => void) | undefined;
}

const [lowest, highest] = [1e-6, 1];

/**
 * Begins where `train` begins: the head at its optimum. Nothing is written. Throws as `train`, and `InputError` where only
 * the head trains.
 */
export function findLearningRate(root: string, settings: FindRateSettings): Promise<FoundRate> {
  const plan = (dataset: Dataset, options: ResolvedOptions) => {
    requireNetwork(options);
    return splitImages(dataset, options);
  };
  return withFeatures(root, settings, plan, (ready) => tryRates(ready, settings));
}

async function tryRates(ready: Ready, { steps = 100, onTried }: FindRateSettings): Promise<FoundRate> {
  const { dataset, options, signal } = ready;
  const training = requireNetwork(options);
  const isTraining = splitImages(dataset, options).map((side) => side === "train");
  const indices = [...isTraining.keys()].filter((i) => isTraining[i]);
  const head = startingHead(ready, training, await solvedHead(ready, isTraining));
  const batch = Math.min(options.batch, indices.length);
  const { prepared, trainer } = await openNetwork(ready, head, training, batch);
  try {
    const stored = await storeRows(ready, isTraining, prepared);
    try {
      const rows = stored.side(indices, true);
      const counts = countImages(rows.labels.length, rows.labels, dataset.classes.length);
      const rates = findRate(trainer, rows, {
        ...{ lowest, highest, steps, batch, seed: options.seed, labelSmoothing: training.labelSmoothing },
        classWeights: weightsOfClasses(counts, options.classWeights),
      });
      const tried: TriedRate[] = [];
      for await (const each of rates) {
        signal?.throwIfAborted();
        tried.push(each);
        onTried?.(each, tried.length, steps);
      }
      return { tried, proposed: proposeRate(tried) };
    } finally {
      await stored.close();
    }
  } finally {
    await trainer.close();
  }
}

function requireNetwork({ network }: ResolvedOptions): NetworkTraining {
  if (network) return network;
  throw new InputError("lr-find: only the head trains, which has an optimum; say what else, such as --unfreeze block6");
}

/** The head at its optimum on the images that train. */
async function solvedHead(ready: Ready, isTraining: readonly boolean[]): Promise<Model> {
  const own = selectRows(featureTableOf(ready), (row) => isTraining[row]!);
  return (await trainHead(own, { ...ready, classes: ready.dataset.classes })).model;
}
