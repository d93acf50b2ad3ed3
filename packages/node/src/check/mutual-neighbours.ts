/** Pairs of rows that are each other's nearest, and much nearer to each other than to any third. */
import { setImmediate as breathe } from "node:timers/promises";

/** Rows a < b. */
export interface MutualPair {
  readonly a: number;
  readonly b: number;
  /** Of the rows less their mean, −1 … 1. */
  readonly cosine: number;
  /** The distance of the two, 1 − cosine, over that to the nearest third: the larger of both rows' ratios, 0–1. */
  readonly ratio: number;
}

/** Rows whose products with a third are taken together, so that it is read from memory once. */
const atOnce = 4;

/** So many rows are compared with all before them until others get a turn. */
const rowsPerTurn = 64;

/**
 * All pairs of `rows` [n, columns] that are each other's nearest, by ascending ratio. How near the nearest lies differs
 * from data to data; a ratio does not: two that show the same are nearest by far, whatever else there is. Three that show
 * the same are no pair. Takes n² · columns / 2 products: 2.1e9 for 1,800 rows of 1,280. Throws the signal's reason.
 * Source: Lowe 2004, Distinctive Image Features from Scale-Invariant Keypoints, §7.1, for the ratio.
 */
export async function mutualNeighbours(
  rows: Float32Array,
  columns: number,
  signal?: AbortSignal | undefined,
): Promise<MutualPair[]> {
  const count = rows.length / columns;
  const units = centredUnits(rows, columns);
  const nearest = new Nearest(count);
  for (let first = 0; first < count; first += atOnce) {
    if (first % rowsPerTurn === 0) {
      await breathe();
      signal?.throwIfAborted();
    }
    const last = Math.min(first + atOnce, count) - 1;
    for (let j = 0; j < last; j++) {
      const products = fourProducts(units, first * columns, j * columns, columns);
      for (let i = Math.max(first, j + 1); i <= last; i++) nearest.meet(i, j, products[i - first]!);
    }
  }
  return nearest.pairs();
}

/** Less the mean of all rows, of length 1; a row that is the mean stays 0. Rows of zeros behind, up to a multiple of four. */
function centredUnits(rows: Float32Array, columns: number): Float32Array {
  const count = rows.length / columns;
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) mean[i % columns]! += rows[i]! / count;
  const units = new Float32Array(Math.ceil(count / atOnce) * atOnce * columns);
  for (let start = 0; start < rows.length; start += columns) {
    let squares = 0;
    for (let c = 0; c < columns; c++) squares += (rows[start + c]! - mean[c]!) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let c = 0; c < columns; c++) units[start + c] = scale * (rows[start + c]! - mean[c]!);
  }
  return units;
}

/** Of four rows from `a` on with the row at `b`. */
function fourProducts(units: Float32Array, a: number, b: number, columns: number): readonly number[] {
  const [a1, a2, a3] = [a + columns, a + 2 * columns, a + 3 * columns];
  let [p0, p1, p2, p3] = [0, 0, 0, 0];
  for (let c = 0; c < columns; c++) {
    const factor = units[b + c]!;
    p0 += units[a + c]! * factor;
    p1 += units[a1 + c]! * factor;
    p2 += units[a2 + c]! * factor;
    p3 += units[a3 + c]! * factor;
  }
  return [p0, p1, p2, p3];
}

/** The nearest and the second nearest of each row. */
class Nearest {
  readonly #nearest: Int32Array;
  readonly #first: Float64Array; // cosines
  readonly #second: Float64Array;

  constructor(count: number) {
    this.#nearest = new Int32Array(count).fill(-1);
    this.#first = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#second = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  }

  meet(i: number, j: number, cosine: number): void {
    this.#see(i, j, cosine);
    this.#see(j, i, cosine);
  }

  #see(row: number, other: number, cosine: number): void {
    if (cosine > this.#first[row]!) {
      this.#second[row] = this.#first[row]!;
      this.#first[row] = cosine;
      this.#nearest[row] = other;
    } else if (cosine > this.#second[row]!) this.#second[row] = cosine;
  }

  pairs(): MutualPair[] {
    const pairs: MutualPair[] = [];
    for (const [a, b] of this.#nearest.entries()) {
      if (a >= b || this.#nearest[b] !== a) continue;
      const cosine = this.#first[a]!;
      pairs.push({ a, b, cosine, ratio: Math.max(this.#ratio(a), this.#ratio(b)) });
    }
    return pairs.sort((p, q) => p.ratio - q.ratio);
  }

  /** 1 where the second is as near as the first, down to rounding, and where there is none. */
  #ratio(row: number): number {
    const [own, next] = [1 - this.#first[row]!, 1 - this.#second[row]!];
    return next > 1e-6 && Number.isFinite(next) ? Math.max(0, own) / next : 1;
  }
}
