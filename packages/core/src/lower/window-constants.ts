/** What the geometry of a window is as numbers: the window of its gradient, and 0/1 matrices that pick taps. */
import type { Pads } from "../graph/ops.js";
import type { Tensor } from "../graph/tensor.js";
import type { Window } from "./map-kernels.js";

/** A name that tells the content, and the values. */
export type NamedTensor = readonly [name: string, tensor: Tensor];

/** Pads of the convolution that brings dy, with zeros between for a stride, back to the input; below 0: cropped. */
export function inputGradPads({ kernel, strides, pads, from, to }: Window): Pads {
  const [top, left] = [kernel[0] - 1 - pads[0], kernel[1] - 1 - pads[1]];
  const bottom = from[0] - to[0] * strides[0] + pads[0];
  const right = from[1] - to[1] * strides[1] + pads[1];
  return [top, left, bottom, right];
}

/** Of the same convolution: from dy with its zeros to the input. */
export const inputGradWindow = (window: Window): Window => ({
  kernel: window.kernel,
  strides: [1, 1],
  pads: inputGradPads(window),
  from: [window.to[0] * window.strides[0], window.to[1] * window.strides[1]],
  to: window.from,
});

/** Places of the taps from last to first: a kernel turned by half. */
export function reversedTaps(kernel: Window["kernel"]): number[] {
  const taps = kernel[0] * kernel[1];
  return Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
}

/** [k·k, H·W·P·Q]: 1 where a tap joins a pixel before with one after. */
export function selection(window: Window): NamedTensor {
  const { kernel, strides, pads, from, to } = window;
  const after = to[0] * to[1];
  const pixels = from[0] * from[1] * after;
  const data = new Float32Array(kernel[0] * kernel[1] * pixels);
  for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
    for (let at = 0; at < after; at++) {
      const y = Math.floor(at / to[1]) * strides[0] + Math.floor(tap / kernel[1]) - pads[0];
      const x = (at % to[1]) * strides[1] + (tap % kernel[1]) - pads[1];
      const isInside = y >= 0 && y < from[0] && x >= 0 && x < from[1];
      if (isInside) data[tap * pixels + (y * from[1] + x) * after + at] = 1;
    }
  }
  return [`taps_${key(window)}`, { shape: [kernel[0] * kernel[1], pixels], data }];
}

/** [W·Q, k]: 1 where a column before and one after lie a tap apart. */
export function tapDiagonals(window: Window): NamedTensor {
  const { kernel, strides, pads, from, to } = window;
  const data = new Float32Array(from[1] * to[1] * kernel[1]);
  for (let q = 0; q < to[1]; q++) {
    for (let j = 0; j < kernel[1]; j++) {
      const x = q * strides[1] + j - pads[1];
      if (x >= 0 && x < from[1]) data[(x * to[1] + q) * kernel[1] + j] = 1;
    }
  }
  return [`diagonals_${key(window)}`, { shape: [from[1] * to[1], kernel[1]], data }];
}

/** [Q, s·Q]: each value followed by s − 1 zeros. */
export function zerosBetween(count: number, stride: number): NamedTensor {
  const data = new Float32Array(count * count * stride);
  for (let i = 0; i < count; i++) data[i * count * stride + i * stride] = 1;
  return [`between_${count}_${stride}`, { shape: [count, count * stride], data }];
}

const key = ({ kernel, strides, pads, from, to }: Window) =>
  [kernel, strides, pads, from, to].map((values) => values.join("x")).join("_");
