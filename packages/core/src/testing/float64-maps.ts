/** Operators on maps [N, C, H, W] in float64 by the plainest loops: rules of `evaluate-float64.ts`. */
import type { Node } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";

export interface Block {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type Rule = (node: Node, inputs: readonly Block[]) => Block;

type MapShape = readonly [images: number, channels: number, height: number, width: number];

export const mapRules: { readonly [K in Op]?: Rule } = {
  Conv: (node, [x, w, bias, sum]) => convolve(node as Node<"Conv">, x!, w!, bias, sum),
  /** Parameters [C], in Keras' order. */
  BatchNormalization: (node, [x, gamma, beta, mean, variance]) => {
    const { epsilon } = (node as Node<"BatchNormalization">).attrs; // the row's operator, here and below
    return perChannel(x!, (value, c) => {
      const deviation = Math.sqrt(variance!.data[c]! + epsilon);
      return (gamma!.data[c]! * (value - mean!.data[c]!)) / deviation + beta!.data[c]!;
    });
  },
  Pad: (node, [x]) => {
    const [top, left, bottom, right] = (node as Node<"Pad">).attrs.pads;
    const [images, channels, height, width] = x!.shape as MapShape;
    const shape: MapShape = [images, channels, height + top + bottom, width + left + right];
    return fill(shape, (n, c, row, column) => pixel(x!, n, c, row - top, column - left));
  },
  Rescaling: (node, [x]) => {
    const { scale, offset } = (node as Node<"Rescaling">).attrs;
    const [images, channels, height, width] = x!.shape as MapShape;
    const planes = Math.max(channels, scale.length, offset.length);
    const of = (values: readonly number[], c: number) => values[c % values.length]!;
    return fill(
      [images, planes, height, width],
      (n, c, row, column) => pixel(x!, n, c % channels, row, column) * of(scale, c) + of(offset, c),
    );
  },
  GlobalAveragePool: (_, [x]) => pool(x!, (values) => values.reduce((a, b) => a + b, 0) / values.length),
  GlobalMaxPool: (_, [x]) => pool(x!, (values) => Math.max(...values)),
  ChannelMean: (_, [x]) => {
    const [images, channels, height, width] = x!.shape as MapShape;
    const sums = new Array<number>(channels).fill(0);
    perChannel(x!, (value, c) => {
      sums[c]! += value;
      return value;
    });
    return { shape: [channels], data: sums.map((sum) => sum / (images * height * width)) };
  },
  ChannelAffine: (_, [x, scale, shift]) => perChannel(x!, (value, c) => value * scale!.data[c]! + shift!.data[c]!),
};

/** The definition in `passes/gradients.ts`, with zeros outside the map. */
function convolve({ attrs, shape: nodeShape }: Node<"Conv">, x: Block, w: Block, bias?: Block, sum?: Block): Block {
  const { strides, pads, dilations, group } = attrs;
  const [filters, perGroup, rows, columns] = w.shape as MapShape;
  const shape = [x.shape[0]!, filters, ...nodeShape.slice(2)] as unknown as MapShape; // all but the batch is known
  return fill(shape, (n, m, row, column, at) => {
    const first = Math.floor(m / (filters / group)) * perGroup;
    let total = (bias?.data[m] ?? 0) + (sum?.data[at] ?? 0);
    for (let c = 0; c < perGroup; c++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const y = row * strides[0] + i * dilations[0] - pads[0];
          const z = column * strides[1] + j * dilations[1] - pads[1];
          total += pixel(x, n, first + c, y, z) * w.data[((m * perGroup + c) * rows + i) * columns + j]!;
        }
      }
    }
    return total;
  });
}

/** 0 outside the map. */
function pixel({ shape, data }: Block, n: number, c: number, row: number, column: number): number {
  const [, channels, height, width] = shape as MapShape;
  if (row < 0 || column < 0 || row >= height || column >= width) return 0;
  return data[((n * channels + c) * height + row) * width + column]!;
}

function fill(shape: MapShape, of: (n: number, c: number, row: number, column: number, at: number) => number): Block {
  const [, channels, height, width] = shape;
  const data = Array.from({ length: sizeOf(shape) }, (_, at) => {
    const [column, line] = [at % width, Math.floor(at / width)];
    const plane = Math.floor(line / height);
    return of(Math.floor(plane / channels), plane % channels, line % height, column, at);
  });
  return { shape, data };
}

function perChannel({ shape, data }: Block, of: (value: number, c: number) => number): Block {
  const [, channels, height, width] = shape as MapShape;
  return { shape, data: data.map((value, at) => of(value, Math.floor(at / (height * width)) % channels)) };
}

function pool({ shape, data }: Block, of: (values: readonly number[]) => number): Block {
  const [images, channels, height, width] = shape as MapShape;
  const pixels = height * width;
  const planes = Array.from({ length: images * channels }, (_, i) => data.slice(i * pixels, (i + 1) * pixels));
  return { shape: [images, channels, 1, 1], data: planes.map(of) };
}
