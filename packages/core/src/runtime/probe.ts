/** Tries once which memory layout of maps a runtime can train in. */
import { blockedKernels } from "../lower/blocked.js";
import type { OnnxGraph } from "../lower/lowering.js";
import { OnnxBuilder } from "../lower/onnx-builder.js";
import { encode } from "../onnx/encode.js";
import type { Runtime } from "./session.js";

/** Channels of a block that grayling has a layout for: AVX-512 has 16, AVX2 8. */
const knownBlocks = [8, 16];

/**
 * The block size of ONNX Runtime's blocked operators, or undefined where the runtime lacks them (the web, other makers) or
 * they do not compute what they should: a small depthwise and a small pointwise convolution are held against sums by hand.
 */
export async function probeBlock(runtime: Runtime): Promise<number | undefined> {
  try {
    const block = await measureBlock(runtime);
    return block !== undefined && (await computesRight(runtime, block)) ? block : undefined;
  } catch {
    return undefined; // "is not a registered function/op", by a runtime without them
  }
}

/** ReorderInput fills channels up to whole blocks. */
async function measureBlock(runtime: Runtime): Promise<number | undefined> {
  const onnx = new OnnxBuilder();
  onnx.lower("y", () => onnx.add("ReorderInput", ["x"], {}, "com.microsoft.nchwc"));
  const session = await runtime.open(encode(graphOf(onnx, [1, 4, 1, 1], [1, "C", 1, 1])));
  const { y } = await session.run({ x: { shape: [1, 4, 1, 1], data: new Float32Array(4) } });
  await session.release();
  return knownBlocks.find((block) => block === y!.shape[1]);
}

/** Two images of one pixel row and 3 columns with b + 1 channels: y_c = Σ_i (c + i) · (x_i[column − 1] + x_i[column]). */
async function computesRight(runtime: Runtime, block: number): Promise<boolean> {
  const [batch, channels, width] = [2, block + 1, 3];
  const onnx = new OnnxBuilder();
  const kernels = blockedKernels(onnx, batch, block);
  const window = { kernel: [1, 2], strides: [1, 1], pads: [0, 1, 0, 0], from: [1, width], to: [1, width] } as const;
  const pairs = kernels.packings.depthwise.pack({
    shape: [channels, 1, 1, 2],
    data: new Float32Array(2 * channels).fill(1),
  });
  const mix = Float32Array.from({ length: channels ** 2 }, (_, i) => Math.floor(i / channels) + (i % channels));
  const matrix = kernels.packings.pointwise.pack({ shape: [channels, channels, 1, 1], data: mix });
  const weights = {
    pairs: onnx.weight("pairs", { shape: [pairs.length], data: pairs }),
    matrix: onnx.weight("matrix", { shape: [matrix.length], data: matrix }),
  };
  const extents = [channels, 1, width] as const;
  onnx.lower("y", () => {
    const map = kernels.mapFromPlanes("x", extents);
    const summed = kernels.depthwise({ x: map, w: weights.pairs, bias: undefined }, channels, window);
    return kernels.planesFromMap(kernels.pointwise({ x: summed, w: weights.matrix }, channels, extents), extents);
  });
  const shape = [batch, channels, 1, width];
  const x = Float32Array.from({ length: batch * channels * width }, (_, i) => (i * 7) % 11);
  const session = await runtime.open(encode(graphOf(onnx, shape, shape)));
  const { y } = await session.run({ x: { shape, data: x } });
  await session.release();
  return y!.data.every((value, at) => {
    const [n, c, column] = [Math.floor(at / (channels * width)), Math.floor(at / width) % channels, at % width];
    let sum = 0;
    for (let i = 0; i < channels; i++) {
      const row = (n * channels + i) * width + column;
      sum += (c + i) * (x[row]! + (column > 0 ? x[row - 1]! : 0));
    }
    return value === sum; // whole numbers below 2²⁴: exact in any order
  });
}

const graphOf = (onnx: OnnxBuilder, from: readonly number[], to: readonly (number | string)[]): OnnxGraph => ({
  nodes: onnx.nodes,
  constants: onnx.constants,
  inputs: [{ name: "x", shape: from }],
  outputs: [{ name: "y", shape: to }],
});
