/**
 * What the probability of a class loses when a part of the picture is covered: an explanation that knows no gradients and
 * no layers, to check the others by.
 * Source: Zeiler & Fergus 2014, arXiv:1311.2901, §4.2.
 */
import { InputError } from "../errors.js";

export interface OcclusionOptions {
  readonly height: number; // px
  readonly width: number; // px
  /** Cells along the height and along the width; default 7 by 7, those of an EfficientNet's last map at 224 px. */
  readonly rows?: number | undefined;
  readonly columns?: number | undefined;
  /** Of a patch beyond its cell on each side, in cells; default 0.5, so that what lies between cells is covered whole too. */
  readonly reach?: number | undefined;
  /** Planes of one call of `classify`; default 32. */
  readonly batch?: number | undefined;
}

/** The probabilities [n, classes] of the planes [n, height · width]. */
export type ClassifyPlanes = (planes: Float32Array, count: number) => Promise<Float32Array>;

/**
 * For each cell, row by row, [rows · columns], the probability of class `index` of the whole plane [height · width] less that
 * of the plane with a patch over the cell in its mean gray: above 0 where the patch speaks for the class.
 * Throws `InputError` for more cells than pixels.
 */
export async function occlusion(
  classify: ClassifyPlanes,
  plane: Float32Array,
  index: number,
  { height, width, rows = 7, columns = 7, reach = 0.5, batch = 32 }: OcclusionOptions,
): Promise<Float32Array> {
  if (!(rows >= 1 && rows <= height && columns >= 1 && columns <= width))
    throw new InputError(`occlusion: expected at most ${height} × ${width} cells, got ${rows} × ${columns}`);
  const cells = rows * columns;
  const probabilities = new Float64Array(cells + 1); // the last one is the whole plane
  const cover = coverWithMean(plane, { height, width, rows, columns, reach });
  for (let start = 0; start <= cells; start += batch) {
    const size = Math.min(batch, cells + 1 - start);
    const planes = new Float32Array(size * plane.length);
    for (let i = 0; i < size; i++) {
      const copy = planes.subarray(i * plane.length, (i + 1) * plane.length);
      copy.set(plane);
      if (start + i < cells) cover(copy, Math.floor((start + i) / columns), (start + i) % columns);
    }
    const all = await classify(planes, size);
    const classes = all.length / size;
    for (let i = 0; i < size; i++) probabilities[start + i] = all[i * classes + index]!;
  }
  const whole = probabilities[cells]!;
  return Float32Array.from(probabilities.subarray(0, cells), (covered) => whole - covered);
}

type Cells = { readonly [K in Exclude<keyof OcclusionOptions, "batch">]: number };

/** Covers a cell of a copy, and what is within reach of it. */
function coverWithMean(
  plane: Float32Array,
  { height, width, rows, columns, reach }: Cells,
): (copy: Float32Array, row: number, column: number) => void {
  const mean = plane.reduce((sum, level) => sum + level, 0) / plane.length;
  const edge = (at: number, of: number, side: number) => Math.min(side, Math.max(0, Math.round((at * side) / of)));
  return (copy, row, column) => {
    const [left, right] = [edge(column - reach, columns, width), edge(column + 1 + reach, columns, width)];
    const bottom = edge(row + 1 + reach, rows, height);
    for (let y = edge(row - reach, rows, height); y < bottom; y++) copy.fill(mean, y * width + left, y * width + right);
  };
}
