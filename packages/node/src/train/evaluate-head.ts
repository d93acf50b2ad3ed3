/** How well a head does on features that it was not trained on. */
import {
  classificationMetrics,
  encode,
  inference,
  lower,
  type Metrics,
  type Model,
  type Runtime,
} from "@grayling/core";
import { meanOfRows } from "../dataset/tile-rows.js";
import { type FeatureTable, rowStarts } from "../features/feature-table.js";

export interface Evaluated {
  readonly metrics: Metrics;
  /** [images, classes]; of an image that is cut into tiles, the mean of theirs. */
  readonly probabilities: Float32Array;
  /** What was averaged, [Σ tiles, classes], and the tiles of each image; absent: every image is one. */
  readonly ofTiles?: { readonly probabilities: Float32Array; readonly tiles: readonly number[] } | undefined;
}

/** Rows that go through the head at once. */
const batch = 1024;

export async function evaluateHead(
  head: Model,
  { values, columns, labels, tiles = labels.map(() => 1) }: FeatureTable,
  { runtime, classes }: { readonly runtime: Runtime; readonly classes: readonly string[] },
): Promise<Evaluated> {
  const starts = rowStarts(tiles);
  const rows = starts.at(-1)!;
  const session = await runtime.open(encode(lower(head, inference)));
  const ofRows = new Float32Array(rows * classes.length);
  for (let from = 0; from < rows; from += batch) {
    const count = Math.min(batch, rows - from);
    const data = values.subarray(from * columns, (from + count) * columns);
    const { predictions } = await session.run({ features: { shape: [count, columns], data } });
    ofRows.set(predictions!.data, from * classes.length);
  }
  await session.release();
  const ofTiles = tiles.some((count) => count !== 1) ? { probabilities: ofRows, tiles } : undefined;
  const probabilities = ofTiles ? meanOfTiles(ofTiles, classes.length) : ofRows;
  return { metrics: classificationMetrics(labels, probabilities, classes), probabilities, ofTiles };
}

/** [images, classes] */
export function meanOfTiles(
  { probabilities, tiles }: NonNullable<Evaluated["ofTiles"]>,
  classes: number,
): Float32Array {
  const starts = rowStarts(tiles);
  const means = new Float32Array(tiles.length * classes);
  for (const image of tiles.keys()) {
    const own = probabilities.subarray(starts[image]! * classes, starts[image + 1]! * classes);
    means.set(meanOfRows(own, classes), image * classes);
  }
  return means;
}
