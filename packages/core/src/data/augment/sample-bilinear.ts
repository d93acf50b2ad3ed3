/** The level between four pixels. */
import type { MapCoordinate } from "./fill-modes.js";
import type { GrayPlane } from "./gray-plane.js";

/** The level at (x, y), 0 ≤ x < width − 1 and 0 ≤ y < height − 1; `width` is that of a row of `values`. */
export function sampleInside(values: Float32Array, width: number, x: number, y: number): number {
  const left = x | 0;
  const top = y | 0;
  const at = top * width + left;
  const across = x - left;
  const above = values[at]! + across * (values[at + 1]! - values[at]!);
  const below = values[at + width]! + across * (values[at + width + 1]! - values[at + width]!);
  return above + (y - top) * (below - above);
}

/** The level anywhere; beyond the border what `beyond` says, `cval` where it says NaN. */
export function sampleBilinear(
  { values, height, width }: GrayPlane,
  x: number,
  y: number,
  beyond: MapCoordinate,
  cval: number,
): number {
  const [inX, inY] = [beyond(x, width), beyond(y, height)];
  if (Number.isNaN(inX) || Number.isNaN(inY)) return cval;
  const [left, top] = [Math.floor(inX), Math.floor(inY)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const level = (row: number, column: number) => values[row * width + column]!;
  const above = level(top, left) + (inX - left) * (level(top, right) - level(top, left));
  const below = level(bottom, left) + (inX - left) * (level(bottom, right) - level(bottom, left));
  return above + (inY - top) * (below - above);
}
