/** From which distance on an image is unlike everything that trained: told by images that are like it, but did not train. */
import {
  addNovelty,
  bind,
  chooseBankRows,
  encode,
  GraphBuilder,
  inference,
  lower,
  normalizeRows,
  noveltyThreshold,
  type Runtime,
  type Tensor,
} from "@grayling/core";
import { type FeatureTable, rowStarts, selectRows, tilesAsImages } from "../../features/feature-table.js";

export interface NoveltyFit {
  /** [rows, columns], of unit length. */
  readonly bank: Tensor;
  /** The distance that counts as 1. */
  readonly threshold: number;
  /** The part of familiar images that may be called unknown: what was asked for, or more where too few are known to promise that. */
  readonly rate: number;
  /** [images] Distances over the threshold, of images that did not train; NaN for others. */
  readonly novelty: Float32Array;
}

export interface NoveltyOptions {
  readonly runtime: Runtime;
  readonly classes: number;
  readonly seed: number;
  /** The part of familiar images that may be called unknown. */
  readonly rate: number;
  /** [images] Those of the bank. */
  readonly isTraining: readonly boolean[];
  /** [images] The fold of each image whose distance sets the threshold (`familiarFolds`): it is compared with the bank outside of it. */
  readonly heldOut: readonly (number | undefined)[];
  /** [images] Whose novelty is wanted besides. */
  readonly isTested: readonly boolean[];
}

/** Rows that go through the graph at once. */
const batch = 1024;
/**
 * Images that equal each other have the distance 0, and nothing may be divided by that; a bank in float16 is off by 1e-4. Photographs of
 * one kind are 0.05–0.3 apart.
 */
const smallestThreshold = 1e-3;

/** Undefined where no image was held out. An image of several tiles is as far as they are on average. */
export async function fitNovelty(table: FeatureTable, options: NoveltyOptions): Promise<NoveltyFit | undefined> {
  const { isTraining, heldOut, isTested, rate } = options;
  const folds = [...new Set(heldOut.filter((fold) => fold !== undefined))];
  if (folds.length === 0) return undefined;
  const distances = new Float32Array(table.labels.length).fill(Number.NaN);
  for (const fold of folds) {
    const bank = bankOf(table, (image) => isTraining[image]! && heldOut[image] !== fold, options);
    await measure(table, (image) => heldOut[image] === fold, { ...options, bank }, distances);
  }
  const familiar = [...distances].filter((_, image) => heldOut[image] !== undefined);
  const threshold = Math.max(smallestThreshold, noveltyThreshold(familiar, rate));
  const bank = bankOf(table, (image) => isTraining[image]!, options);
  await measure(table, (image) => isTested[image]!, { ...options, bank }, distances);
  const novelty = distances.map((distance) => distance / threshold);
  return { bank, threshold, rate: Math.max(rate, 1 / (familiar.length + 1)), novelty };
}

function bankOf(
  table: FeatureTable,
  isWanted: (image: number) => boolean,
  { classes, seed }: Pick<NoveltyOptions, "classes" | "seed">,
): Tensor {
  const { values, columns, labels } = tilesAsImages(selectRows(table, isWanted));
  const rows = new Set(chooseBankRows(labels, classes, seed));
  const chosen = selectRows({ values, columns, labels }, (row) => rows.has(row));
  return { shape: [chosen.labels.length, columns], data: normalizeRows(chosen.values, columns).values };
}

/** Writes the distances of the images that are wanted, computed by the graph that the model has too. */
async function measure(
  table: FeatureTable,
  isWanted: (image: number) => boolean,
  { runtime, bank }: { readonly runtime: Runtime; readonly bank: Tensor },
  distances: Float32Array,
): Promise<void> {
  const images = table.labels.map((_, image) => image).filter(isWanted);
  if (images.length === 0) return;
  const { values, columns, labels, tiles = labels.map(() => 1) } = selectRows(table, isWanted);
  const session = await runtime.open(encode(lower(distanceGraph(columns, bank), inference)));
  const ofRows = new Float32Array(values.length / columns);
  for (let from = 0; from < ofRows.length; from += batch) {
    const count = Math.min(batch, ofRows.length - from);
    const data = values.subarray(from * columns, (from + count) * columns);
    const { novelty } = await session.run({ features: { shape: [count, columns], data } });
    ofRows.set(novelty!.data, from);
  }
  await session.release();
  const starts = rowStarts(tiles);
  for (const [i, image] of images.entries()) {
    const own = ofRows.subarray(starts[i]!, starts[i + 1]!);
    distances[image] = own.reduce((a, b) => a + b, 0) / own.length;
  }
}

/** features [N, columns] → novelty [N], the distance itself. */
function distanceGraph(columns: number, bank: Tensor) {
  const net = new GraphBuilder();
  const features = net.add("Input", "features", [], { shape: ["N", columns] });
  const model = addNovelty({ graph: net.build([features]), weights: new Map() }, { features, bank, threshold: 1 });
  return bind({ ...model.graph, outputs: ["novelty"] }, model.weights);
}
