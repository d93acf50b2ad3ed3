/** Operators on maps [N, C, H, W] in float64, by the plainest loops: the reference for what the lowering and the folds give. */
import type { ConvAttrs, Pads } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import type { SeededRandom } from "../seeded-random.js";
import type { Block } from "./evaluate-float64.js";

/** Normal values that float32 holds exactly, so that both sides compute from the same numbers. */
export const normalValues = (random: SeededRandom, shape: readonly number[], scale = 1): Block => ({
  shape,
  data: Array.from({ length: sizeOf(shape) }, () => Math.fround(scale * random.normal())),
});

export const tensorOf = ({ shape, data }: Block) => ({ shape, data: Float32Array.from(data) });

/** A map whose value at (n, c, y, x) is what `at` says. */
export function fill(
  shape: readonly [number, number, number, number],
  at: (n: number, c: number, y: number, x: number) => number,
): Block {
  const [batch, channels, height, width] = shape;
  const data: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.push(at(n, c, y, x));
    }
  }
  return { shape, data };
}

/** The value at (n, c, y, x); 0 outside of the map. */
export function valueAt({ shape, data }: Block, n: number, c: number, y: number, x: number): number {
  const [, channels, height, width] = extents(shape);
  return y < 0 || y >= height || x < 0 || x >= width ? 0 : data[((n * channels + c) * height + y) * width + x]!;
}

/** y[n, m, i, j] = bias[m] + Σ kernel[m, c, p, q] · x[n, first channel of m's group + c, i·stride + p·dilation − pad, …] */
export function directConv(x: Block, kernel: Block, bias: readonly number[] | undefined, attrs: ConvAttrs): Block {
  const { strides, dilations, group } = attrs;
  const [top, left, bottom, right] = attrs.pads;
  const [batch, , height, width] = extents(x.shape);
  const [filters, channels, rows, columns] = extents(kernel.shape);
  const positions = (size: number, window: number, axis: 0 | 1) =>
    Math.floor((size - dilations[axis] * (window - 1) - 1) / strides[axis]) + 1;
  const size = [positions(height + top + bottom, rows, 0), positions(width + left + right, columns, 1)] as const;
  return fill([batch, filters, ...size], (n, m, i, j) => {
    const first = Math.floor(m / (filters / group)) * channels;
    let sum = bias?.[m] ?? 0;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < rows; p++) {
        for (let q = 0; q < columns; q++) {
          const [y, z] = [i * strides[0] + p * dilations[0] - top, j * strides[1] + q * dilations[1] - left];
          sum += valueAt(kernel, m, c, p, q) * valueAt(x, n, first + c, y, z);
        }
      }
    }
    return sum;
  });
}

export function directPad(x: Block, [top, left, bottom, right]: Pads): Block {
  const [batch, channels, height, width] = extents(x.shape);
  return fill([batch, channels, height + top + bottom, width + left + right], (n, c, i, j) =>
    valueAt(x, n, c, i - top, j - left),
  );
}

/** Each value by its channel. */
export function perChannel(x: Block, of: (value: number, channel: number) => number): Block {
  return fill(extents(x.shape), (n, c, i, j) => of(valueAt(x, n, c, i, j), c));
}

/** One number for each map of each sample: [N, C, 1, 1]. */
export function perMap(x: Block, of: (values: readonly number[]) => number): Block {
  const [batch, channels, height, width] = extents(x.shape);
  const size = height * width;
  return fill([batch, channels, 1, 1], (n, c) => {
    const start = (n * channels + c) * size;
    return of(x.data.slice(start, start + size));
  });
}

const extents = (shape: readonly number[]) => shape as readonly [number, number, number, number]; // a map's or a kernel's
