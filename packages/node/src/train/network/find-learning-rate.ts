/** `lr-find`: which rate a training bears, tried on its own images. */
import { countImages, findRate, InputError, proposeRate, type TriedRate, weightsOfClasses } from "@grayling/core";
import { groupsOf } from "../../dataset/dataset.js";
import { type FeatureTable, selectRows } from "../../features/feature-table.js";
import { splitImages } from "../split-images.js";
import type { TrainSettings } from "../train.js";
import { trainHead } from "../train-head.js";
import { withFeatures } from "../with-features.js";
import { storeRows } from "./fine-tune.js";
import { openNetwork } from "./with-network.js";

export interface FoundRate {
  readonly tried: readonly TriedRate[];
  /** Absent where no rate made the loss fall. */
  readonly proposed: number | undefined;
}

export interface FindRateSettings extends TrainSettings {
  /** Rates to try; default 100. */
  readonly steps?: number | undefined;
  readonly onTried?: ((tried: TriedRate, done: number, steps: number) => void) | undefined;
}

const [lowest, highest] = [1e-6, 1];

/** Begins where `train` begins: the head at its optimum. Nothing is written. Throws as `train`. */
export async function findLearningRate(root: string, settings: FindRateSettings): Promise<FoundRate> {
  const { steps = 100, onTried } = settings;
  return withFeatures(
    root,
    settings,
    (dataset, options) => splitImages(dataset, options),
    async (ready) => {
      const { dataset, options, features, trunk, runtime, onEvent, signal } = ready;
      const training = options.network;
      if (!training)
        throw new InputError(
          "lr-find: only the head trains, which has an optimum; say what else, such as --unfreeze block6",
        );
      const sides = splitImages(dataset, options);
      const labels = dataset.images.map(({ label }) => label);
      const table: FeatureTable = {
        values: features.values,
        columns: trunk.columns,
        labels,
        groups: groupsOf(dataset.images),
      };
      const head = await trainHead(
        selectRows(table, (row) => sides[row] === "train"),
        { runtime, classes: dataset.classes, options, onEvent, signal },
      );
      const batch = Math.min(options.batch, sides.filter((side) => side === "train").length);
      const { prepared, trainer } = await openNetwork(ready, head.model, training, batch);
      try {
        const rows = await storeRows(
          ready,
          sides.map((side) => side === "train"),
          prepared,
        );
        const own = rows.side(
          [...sides.keys()].filter((i) => sides[i] === "train"),
          true,
        );
        const classWeights = weightsOfClasses(
          countImages(own.labels.length, own.labels, dataset.classes.length),
          options.classWeights,
        );
        const tried: TriedRate[] = [];
        const { labelSmoothing } = training;
        for await (const each of findRate(trainer, own, {
          lowest,
          highest,
          steps,
          batch,
          labelSmoothing,
          classWeights,
          seed: options.seed,
        })) {
          signal?.throwIfAborted();
          tried.push(each);
          onTried?.(each, tried.length, steps);
        }
        await rows.close();
        return { tried, proposed: proposeRate(tried) };
      } finally {
        await trainer.close();
      }
    },
  );
}
