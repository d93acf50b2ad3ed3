/** Features of images that trained, to which others are compared: how near is the nearest, and which are they? */
import { SeededRandom } from "../seeded-random.js";

/** Rows a bank holds at most: 512 told steel from photographs as well as 1,080 did, and are 2.6 MB of 1,280 features. */
const mostRows = 512;
/** Of every class at least so many, whatever that makes. */
const fewestOfClass = 4;

/** Rows of unit length, [rows, columns]. */
export interface FeatureBank {
  readonly columns: number;
  readonly values: Float32Array;
}

/** The rows of `labels` [n] that a bank takes, ascending: all of up to 512, else as many of each class as of another. */
export function chooseBankRows(labels: readonly number[], classes: number, seed: number): number[] {
  if (labels.length <= mostRows) return [...labels.keys()];
  const random = new SeededRandom(seed, "feature bank");
  const byClass = Array.from({ length: classes }, (_, k) =>
    random.shuffled([...labels.keys()].filter((row) => labels[row] === k)),
  );
  const chosen: number[] = [];
  for (let round = 0; round < fewestOfClass || chosen.length < mostRows; round++) {
    for (const rows of byClass) {
      const row = rows[round];
      if (row !== undefined && (round < fewestOfClass || chosen.length < mostRows)) chosen.push(row);
    }
  }
  return chosen.sort((a, b) => a - b);
}

/** `features` [n, columns] with rows of unit length; a row of zeros stays one. */
export function normalizeRows(features: Float32Array, columns: number): FeatureBank {
  const values = new Float32Array(features.length);
  for (let start = 0; start < features.length; start += columns) {
    let squares = 0;
    for (let c = 0; c < columns; c++) squares += features[start + c]! ** 2;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let c = 0; c < columns; c++) values[start + c] = features[start + c]! * scale;
  }
  return { columns, values };
}

export interface Neighbour {
  /** Into the bank. */
  readonly row: number;
  /** 1 − cosine of the angle between the features, 0–2. */
  readonly distance: number;
}

/** The `count` nearest rows of the bank, nearest first, that `isWanted`; `row` [columns] is of unit length. */
export function nearestRows(
  { columns, values }: FeatureBank,
  row: Float32Array,
  {
    count,
    isWanted = () => true,
  }: { readonly count: number; readonly isWanted?: ((row: number) => boolean) | undefined },
): Neighbour[] {
  const nearest: Neighbour[] = [];
  for (let other = 0; other < values.length / columns; other++) {
    if (!isWanted(other)) continue;
    let cosine = 0;
    const start = other * columns;
    for (let c = 0; c < columns; c++) cosine += row[c]! * values[start + c]!;
    const distance = 1 - cosine;
    if (nearest.length === count && distance >= nearest.at(-1)!.distance) continue;
    const place = nearest.findLastIndex((one) => one.distance <= distance) + 1;
    nearest.splice(place, 0, { row: other, distance });
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

/**
 * The distance above which an image is unlike all that trained: the ⌈(n + 1)·(1 − rate)⌉-th smallest of the `distances` [n] of images
 * that are like them, so that a further one is called unknown with a chance of at most `rate`; of fewer images their largest.
 * Source: Laxhammar and Falkman 2010, Conformal prediction for distribution-independent anomaly detection.
 */
export function noveltyThreshold(distances: readonly number[], rate: number): number {
  const sorted = [...distances].sort((a, b) => a - b);
  const place = Math.ceil((sorted.length + 1) * (1 - rate) * (1 - 1e-12));
  return sorted[Math.min(place, sorted.length) - 1]!;
}
