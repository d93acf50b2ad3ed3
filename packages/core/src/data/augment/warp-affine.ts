/** Moves a plane by one matrix, with one interpolation however many moves the matrix is made of. */
import type { AffineMatrix } from "./affine-matrix.js";
import { type FillMode, mapCoordinates } from "./fill-modes.js";
import { type GrayPlane, memoryFor } from "./gray-plane.js";
import { sampleBilinear, sampleInside } from "./sample-bilinear.js";

export interface Filling {
  readonly fill: FillMode;
  readonly cval: number; // level, 0–255; of `constant`
}

/**
 * A plane of the same size, bilinear between the four nearest pixels. Equal to `scipy.ndimage.affine_transform(order=1)`
 * up to float32 rounding. No smoothing where the plane is made smaller, as in Keras.
 */
export function warpAffine(
  plane: GrayPlane,
  matrix: AffineMatrix,
  { fill, cval }: Filling,
  values = memoryFor(plane),
): GrayPlane {
  const { height, width } = plane;
  const beyond = mapCoordinates[fill];
  for (let y = 0; y < height; y++) {
    const [x0, y0] = [matrix.xy * y + matrix.x0, matrix.yy * y + matrix.y0];
    const [first, end] = insideOfRow(matrix, x0, y0, plane);
    for (let x = 0; x < width; x++) {
      if (x === first) {
        sampleRow(plane, values, matrix, { y, first, end, x0, y0 });
        x = end;
        if (x >= width) break;
      }
      values[y * width + x] = sampleBilinear(plane, matrix.xx * x + x0, matrix.yx * x + y0, beyond, cval);
    }
  }
  return { values, height, width };
}

interface Run {
  readonly y: number;
  readonly first: number;
  readonly end: number;
  readonly x0: number;
  readonly y0: number;
}

/** Pixels that lie inside the source: nearly all, so that they pay for no border. */
function sampleRow(
  { values: source, width }: GrayPlane,
  values: Float32Array,
  { xx, yx }: AffineMatrix,
  { y, first, end, x0, y0 }: Run,
): void {
  for (let x = first, to = y * width + first; x < end; x++, to++) {
    values[to] = sampleInside(source, width, xx * x + x0, yx * x + y0);
  }
}

/** The x of a row whose four source pixels are all there, [first, end); empty, [−1, −1), where there are none. */
function insideOfRow(
  { xx, yx }: AffineMatrix,
  x0: number,
  y0: number,
  { height, width }: GrayPlane,
): readonly [first: number, end: number] {
  const [left, right] = whereWithin(xx, x0, width - 1);
  const [top, bottom] = whereWithin(yx, y0, height - 1);
  // A pixel less at either end than the division says, against its rounding.
  const first = Math.max(0, Math.ceil(Math.max(left, top)) + 1);
  const end = Math.min(width, Math.floor(Math.min(right, bottom)));
  return first < end ? [first, end] : [-1, -1];
}

/** The x for which 0 ≤ slope x + start < limit. */
function whereWithin(slope: number, start: number, limit: number): readonly [number, number] {
  if (Math.abs(slope) < 1e-12) {
    const isAlways = start >= 1e-6 && start < limit - 1e-6;
    return isAlways ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [0, -1];
  }
  const ends = [-start / slope, (limit - start) / slope] as const;
  return slope > 0 ? ends : [ends[1], ends[0]];
}
