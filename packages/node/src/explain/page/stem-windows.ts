/** The windows of a stem, what their channels sum to, and what of it only the offsets b_c of a_c · gray + b_c make. */
import type { Ops, Tensor } from "@grayling/core";

/** Σ_c K_c · factors[c] for every filter of a kernel [M, C, h, w] → [M, 1, h, w]. */
export function sumChannels({ shape, data }: Tensor, factors: readonly number[]): Tensor {
  const [filters, channels, height, width] = shape as readonly [number, number, number, number];
  const taps = height * width;
  const summed = Float32Array.from({ length: filters * taps }, (_, i) => {
    const first = Math.floor(i / taps) * channels * taps + (i % taps);
    return factors.reduce((sum, factor, c) => sum + data[first + c * taps]! * factor, 0);
  });
  return { shape: [filters, 1, height, width], data: summed };
}

/** One window [h · w] of a kernel [M, C, h, w]. */
export function windowOf({ shape, data }: Tensor, filter: number, channel: number): Float32Array {
  const [, channels, height, width] = shape as readonly [number, number, number, number];
  const first = (filter * channels + channel) * height * width;
  return data.subarray(first, first + height * width);
}

export interface Placement {
  readonly height: number; // px, of the image
  readonly width: number; // px
  readonly pads: Ops["Pad"]["pads"];
  readonly strides: readonly [number, number];
  /** Of the window, px. */
  readonly side: number;
}

/** The sum of the taps that meet the image, not its zero border, at one position: what a plane of ones adds. */
export function sumInside(window: Float32Array, y: number, x: number, placement: Placement): number {
  const { height, width, pads, strides, side } = placement;
  return window.reduce((sum, tap, i) => {
    const row = y * strides[0] - pads[0] + Math.floor(i / side);
    const column = x * strides[1] - pads[1] + (i % side);
    return row >= 0 && row < height && column >= 0 && column < width ? sum + tap : sum;
  }, 0);
}

/** The largest error along the border of one bias per filter, instead of what `sumInside` gives. */
export function biasError(shift: Tensor, placement: Placement, output: readonly [number, number]): number {
  let largest = 0;
  for (let filter = 0; filter < shift.shape[0]!; filter++) {
    const window = windowOf(shift, filter, 0);
    const bias = window.reduce((sum, tap) => sum + tap, 0);
    for (const y of [0, Math.floor(output[0] / 2), output[0] - 1]) {
      for (const x of [0, Math.floor(output[1] / 2), output[1] - 1]) {
        largest = Math.max(largest, Math.abs(bias - sumInside(window, y, x, placement)));
      }
    }
  }
  return largest;
}
