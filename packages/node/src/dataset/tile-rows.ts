/** Rows that come tile by tile (features, probabilities), put together by image. */
import type { TilePlace } from "./read-batches.js";

/** The rows of images whose last tile has not come yet. */
export class TileRows {
  readonly #columns: number;
  readonly #open = new Map<number, Float32Array>();

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** All rows of the image, [tiles, columns], once its last tile has come, else undefined. The row is copied. */
  add(index: number, { tile, of }: TilePlace, row: Float32Array): Float32Array | undefined {
    const rows = this.#open.get(index) ?? new Float32Array(of * this.#columns);
    rows.set(row, tile * this.#columns);
    if (tile < of - 1) {
      this.#open.set(index, rows);
      return undefined;
    }
    this.#open.delete(index);
    return rows;
  }
}

/** The mean of the rows [n, columns], [columns], summed in float64: of a single row, that row. */
export function meanOfRows(rows: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  for (const [i, value] of rows.entries()) sums[i % columns]! += value;
  return Float32Array.from(sums, (sum) => sum / (rows.length / columns));
}
