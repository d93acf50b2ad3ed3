/** One map of a network: a number per pixel. */
import type { Tensor } from "@grayling/core";

export interface Plane {
  readonly width: number; // px
  readonly height: number; // px
  /** [height · width] */
  readonly values: Float32Array;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The planes of the first sample of [N, C, H, W]. */
export function planesOf({ shape, data }: Tensor): Plane[] {
  const [, channels, height, width] = shape as readonly [number, number, number, number];
  const size = height * width;
  return Array.from({ length: channels }, (_, c) => ({
    width,
    height,
    values: data.subarray(c * size, (c + 1) * size),
  }));
}

export const valueAt = ({ width, values }: Plane, x: number, y: number): number => values[y * width + x]!;

export function rangeOf({ values }: Plane): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** The largest absolute value of all the planes. */
export const largestOf = (planes: readonly Plane[]): number =>
  Math.max(...planes.map(rangeOf).flatMap(({ min, max }) => [Math.abs(min), Math.abs(max)]));

/** Value by value a − b. */
export const subtract = (a: Plane, b: Plane): Plane => ({
  ...a,
  values: a.values.map((value, i) => value - b.values[i]!),
});

/** The plane with neither side longer than `side` px: means over areas. Smaller planes stay as they are. */
export function shrink(plane: Plane, side: number): Plane {
  const factor = Math.ceil(Math.max(plane.width, plane.height) / side);
  if (factor <= 1) return plane;
  const [width, height] = [Math.ceil(plane.width / factor), Math.ceil(plane.height / factor)];
  const values = Float32Array.from({ length: width * height }, (_, i) =>
    meanOfArea(plane, (i % width) * factor, Math.floor(i / width) * factor, factor),
  );
  return { width, height, values };
}

function meanOfArea(plane: Plane, left: number, top: number, side: number): number {
  let [sum, count] = [0, 0];
  for (let y = top; y < Math.min(plane.height, top + side); y++) {
    for (let x = left; x < Math.min(plane.width, left + side); x++, count++) sum += valueAt(plane, x, y);
  }
  return sum / count;
}
