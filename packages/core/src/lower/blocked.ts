/**
 * Maps as ONNX Runtime's CPU kernels like them best, [C/b, N, H, W, b] in memory, with its own blocked operators (domain
 * `com.microsoft.nchwc`) on weights that change. Declared as [1, C, N·H, W] that is one image with the batch stacked along H,
 * which 1×1 convolutions cannot tell apart; declared as [1, C·N, H, W] it is the batch folded into the channels, which is
 * what a depthwise convolution, a pool or a gate per image needs. Both views are the same bytes.
 *
 * Channels are padded to a multiple of b by kernels of 0: activations and gradients there are exactly 0, silu(0) = 0 too.
 * Kernels stay blocked while they train: pointwise [M/b, C/b, b of C, b of M], depthwise [C/b, k·k, b].
 *
 * These operators are internal to the runtime; `runtime/probe.ts` tries them before they are used. What they accept and
 * cost was measured with ONNX Runtime 1.30 and 1.32.
 */
import { sizeOf } from "../graph/tensor.js";
import type { KernelUse, MapExtents, MapKernels, Packing, PointwiseIo, Window } from "./map-kernels.js";
import type { OnnxAttribute, OnnxBuilder } from "./onnx-builder.js";
import { permuteTaps } from "./portable.js";
import { inputGradWindow, reversedTaps } from "./window-constants.js";

/** For a fixed batch; `block` is the runtime's b, as `probeBlock` finds it. */
export function blockedKernels(onnx: OnnxBuilder, batch: number, block: number): MapKernels {
  const add = onnx.add.bind(onnx);
  const nchwc = (op: string, inputs: readonly string[], attrs: Readonly<Record<string, OnnxAttribute>> = {}) =>
    onnx.add(op, inputs, attrs, "com.microsoft.nchwc");
  const padded = (channels: number) => Math.ceil(channels / block) * block;
  const blocks = (channels: number) => padded(channels) / block;
  const reshape = (x: string, ...shape: number[]) => add("Reshape", [x, onnx.ints(shape)]);
  const transpose = (x: string, ...perm: number[]) => add("Transpose", [x], { perm });
  /** The one shape of a map: the batch stacked along H. */
  const map = (x: string, [c, h, w]: MapExtents) => reshape(x, 1, padded(c), batch * h, w);
  /** The batch in the channels. */
  const grouped = (x: string, [h, w]: readonly [number, number]) => reshape(x, 1, -1, h, w);
  const groups = (c: number) => padded(c) * batch;
  /** The last axis filled up with zeros to whole blocks. */
  const fill = (v: string, rank: 1 | 2, c: number) => {
    const zeros = rank === 1 ? [0, padded(c) - c] : [0, 0, 0, padded(c) - c];
    return padded(c) === c ? v : add("Pad", [v, onnx.ints(zeros)], { mode: "constant" });
  };
  /** [N, C] → [C/b, N, b], as `shape`. */
  const fromVector = (v: string, c: number, ...shape: number[]) =>
    reshape(transpose(reshape(fill(v, 2, c), batch, blocks(c), block), 1, 0, 2), ...shape);
  /** [C/b, N, b] → [N, C]. */
  const toVector = (x: string, c: number) => {
    const v = reshape(transpose(reshape(x, blocks(c), batch, block), 1, 0, 2), batch, padded(c));
    return padded(c) === c ? v : add("Slice", [v, ...[[0], [c], [1]].map((values) => onnx.ints(values))]);
  };
  const toChannels = (x: string, c: number) => {
    const v = reshape(x, padded(c));
    return padded(c) === c ? v : add("Slice", [v, ...[[0], [c], [0]].map((values) => onnx.ints(values))]);
  };
  /** Blocked weights of each channel, once for every image: [C/b, taps, b] → [C·N, …rest]. */
  const perImage = (w: string, c: number, ...rest: number[]) => {
    const row = sizeOf(rest) * block;
    const repeated = add("Expand", [reshape(w, blocks(c), 1, row), onnx.ints([blocks(c), batch, row])]);
    return reshape(repeated, groups(c), ...(rest.length === 2 ? [1] : []), ...rest);
  };
  /** [C, N, H, W], any number of channels, brought into blocks. */
  const reorder = (x: string, [c, h, w]: MapExtents) => {
    const zeros = onnx.ints([0, 0, 0, 0, padded(c) - c, 0, 0, 0]);
    const whole = padded(c) === c ? x : add("Pad", [x, zeros], { mode: "constant" });
    return nchwc("ReorderInput", [reshape(whole, 1, padded(c), batch * h, w)]);
  };
  /** Channels and pixels as rows and columns, [C, N·H·W]. */
  const rows = (x: string, c: number) => reshape(nchwc("ReorderOutput", [x], { channels: padded(c) }), padded(c), -1);
  const slices = (x: string, axes: readonly number[], { kernel, strides, to }: Window) =>
    Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
      const start = [Math.floor(tap / kernel[1]), tap % kernel[1]];
      const end = start.map((first, axis) => first + (to[axis]! - 1) * strides[axis]! + 1);
      return add("Slice", [x, ...[start, end, axes, strides].map((values) => onnx.ints(values))]);
    });
  const channelConv = (x: string, scale: string, shift: string | undefined, count: number) =>
    nchwc("Conv", [x, scale, ...(shift === undefined ? [] : [shift])], { group: count, kernel_shape: [1, 1] });

  return {
    name: "blocked",
    batch,
    packings: blockedPackings(block),

    mapFromPlanes: (x, extents) => reorder(transpose(x, 1, 0, 2, 3), extents),
    planesFromMap(x, [c, h, w]) {
      const plain = reshape(nchwc("ReorderOutput", [x], { channels: c }), c, batch, h, w);
      return transpose(plain, 1, 0, 2, 3);
    },
    mapFromVector: (v, c) => fromVector(v, c, 1, padded(c), batch, 1),
    vectorFromMap: (x, c) => toVector(x, c),

    pointwise({ x, w, bias, sum }: PointwiseIo, inputs, [o]) {
      const kernel = reshape(w, padded(o), padded(inputs), 1, 1);
      const shift = bias === undefined ? (sum === undefined ? [] : [""]) : [fill(bias, 1, o)];
      return nchwc("Conv", [x, kernel, ...shift, ...(sum === undefined ? [] : [sum])], { kernel_shape: [1, 1] });
    },
    /**
     * [M/b, C/b, b of C, b of M] → [C/b, M/b, b of M, b of C]: one Transpose by (1 0 3 2) takes 28 ns a weight; ReorderOutput
     * (of the kernel as a map of M channels and C pixels) and then a Transpose that moves runs of b takes 1.
     */
    pointwiseInputGrad({ x: dy, w, sum }, inputs, [o]) {
      const [m, c] = [padded(o), padded(inputs)];
      const plain = nchwc("ReorderOutput", [reshape(w, 1, m, c, 1)], { channels: m });
      const kernel = reshape(transpose(reshape(plain, m, c / block, block), 1, 0, 2), c, m, 1, 1);
      return nchwc("Conv", [dy, kernel, ...(sum === undefined ? [] : ["", sum])], { kernel_shape: [1, 1] });
    },
    /**
     * Only the side with fewer channels is brought to plain order, [C, N·H·W]; each block of the wide side is an
     * [N·H·W, b] matrix as it lies, so a MatMul that broadcasts the narrow side does it.
     */
    pointwiseWeightGrad(x, dy, inputs, [o]) {
      const [m, c] = [padded(o), padded(inputs)];
      if (c < m) return reshape(add("MatMul", [rows(x, inputs), reshape(dy, m / block, -1, block)]), -1);
      const dw = reshape(add("MatMul", [rows(dy, o), reshape(x, c / block, -1, block)]), c / block, m, block);
      return reshape(nchwc("ReorderInput", [reshape(transpose(dw, 1, 0, 2), 1, m, c, 1)]), -1);
    },

    depthwise({ x, w, bias }, c, { kernel, strides, pads, from, to }) {
      const inputs = [grouped(x, from), perImage(w, c, ...kernel)];
      if (bias !== undefined) inputs.push(perImage(fill(bias, 1, c), c));
      return map(nchwc("Conv", inputs, { group: groups(c), strides, pads, kernel_shape: kernel }), [c, ...to]);
    },
    depthwiseInputGrad(dy, w, c, window) {
      const { kernel, from } = window;
      const taps = kernel[0] * kernel[1];
      const { dy: spread, window: after } = this.spreadForInputGrad(dy, c, window);
      const order = onnx.ints(reversedTaps(kernel));
      const flipped = add("Gather", [reshape(w, blocks(c), taps, block), order], { axis: 1 });
      const inputs = [grouped(spread, after.from), perImage(flipped, c, ...kernel)];
      return map(nchwc("Conv", inputs, { group: groups(c), pads: after.pads, kernel_shape: kernel }), [c, ...from]);
    },
    depthwiseWeightGrad(x, dy, c, { kernel, strides, pads, from, to }) {
      const filter = reshape(dy, groups(c), 1, ...to);
      const attrs = { group: groups(c), dilations: strides, pads: exactPads({ kernel, strides, pads, from, to }) };
      const taps = nchwc("Conv", [grouped(x, from), filter], { ...attrs, kernel_shape: to });
      const perBlock = reshape(taps, blocks(c), batch, kernel[0] * kernel[1] * block);
      return reshape(add("ReduceSum", [perBlock, onnx.ints([1])], { keepdims: 0 }), -1);
    },

    /** Of planes all taps together are filled up to whole blocks; there are few channels. */
    unfoldPlanes(x, c, window) {
      const [top, left, bottom, right] = window.pads;
      const channels = c * window.kernel[0] * window.kernel[1];
      const zeros = onnx.ints([0, 0, top, left, 0, 0, bottom, right]);
      const framed = add("Pad", [transpose(x, 1, 0, 2, 3), zeros], { mode: "constant" });
      const taps = add("Concat", slices(framed, [2, 3], window), { axis: 0 });
      return { x: reorder(taps, [channels, ...window.to]), channels };
    },
    unfoldMap(x, c, window) {
      const [top, left, bottom, right] = window.pads;
      const lines = reshape(x, blocks(c), batch, ...window.from, block);
      const zeros = onnx.ints([0, 0, top, left, 0, 0, 0, bottom, right, 0]);
      const framed = window.pads.some((pad) => pad > 0) ? add("Pad", [lines, zeros], { mode: "constant" }) : lines;
      const taps = add("Concat", slices(framed, [2, 3], window), { axis: 0 });
      const channels = padded(c) * window.kernel[0] * window.kernel[1];
      return { x: map(taps, [channels, ...window.to]), channels };
    },
    spreadForInputGrad(dy, c, window) {
      const { strides, to } = window;
      const after = inputGradWindow(window);
      const zeros = onnx.ints([0, 0, 0, 0, 0, strides[0] - 1, 0, (strides[1] - 1) * block]);
      const isSpread = strides.some((stride) => stride > 1);
      const spread = isSpread ? add("Pad", [reshape(dy, -1, 1, to[1], block), zeros], { mode: "constant" }) : dy;
      return { dy: map(spread, [c, ...after.from]), window: after };
    },
    reverseUnfolded(w, filters, inputs, kernel) {
      const taps = kernel[0] * kernel[1];
      const order = onnx.ints(reversedTaps(kernel));
      const [m, c] = [blocks(filters), blocks(inputs)];
      const flipped = add("Gather", [reshape(w, m, taps, c, block, block), order], { axis: 1 });
      return reshape(transpose(flipped, 2, 1, 0, 4, 3), -1); // [C/b, k·k, M/b, b of M, b of C]
    },

    silu: (x) => onnx.add("QuickGelu", [x], { alpha: { float: 1 } }, "com.microsoft"),
    averagePool: (x, [c, h, w]) => toVector(nchwc("GlobalAveragePool", [grouped(x, [h, w])]), c),
    maxPool: (x, [c, h, w]) => toVector(nchwc("GlobalMaxPool", [grouped(x, [h, w])]), c),
    spread(v, [c, h, w]) {
      const lines = blocks(c) * batch;
      const repeated = add("Expand", [fromVector(v, c, lines, 1, block), onnx.ints([lines, h * w, block])]);
      return map(repeated, [c, h, w]);
    },
    /** As a 1×1 depthwise convolution with a bias: one pass, where a Mul that broadcasts runs b values at a time. */
    imageAffine(x, scale, shift, [c, h, w]) {
      const weights = fromVector(scale, c, groups(c), 1, 1, 1);
      const bias = shift === undefined ? undefined : fromVector(shift, c, groups(c));
      return map(channelConv(grouped(x, [h, w]), weights, bias, groups(c)), [c, h, w]);
    },
    /** A depthwise convolution with b as a filter of the map's own size. */
    pixelDot(a, b, [c, h, w]) {
      const filter = reshape(b, groups(c), 1, h, w);
      return toVector(nchwc("Conv", [grouped(a, [h, w]), filter], { group: groups(c), kernel_shape: [h, w] }), c);
    },
    channelSum(x, [c, h, w]) {
      const mean = nchwc("GlobalAveragePool", [x]);
      return toChannels(add("Mul", [mean, onnx.floats([], [batch * h * w])]), c);
    },
    channelAffine(x, scale, shift, [c]) {
      const weights = reshape(fill(scale, 1, c), padded(c), 1, 1, 1);
      return channelConv(x, weights, fill(shift, 1, c), padded(c));
    },
  };
}

/** Pads after which a filter of dy's size gives just the taps: what no window reached is cut off. */
function exactPads({ kernel, strides, pads, from, to }: Window): readonly number[] {
  const after = [0, 1].map((axis) => (to[axis]! - 1) * strides[axis]! + kernel[axis]! - from[axis]! - pads[axis]!);
  return [pads[0], pads[1], after[0]!, after[1]!];
}

function blockedPackings(block: number): Record<KernelUse, Packing> {
  const padded = (extent: number) => Math.ceil(extent / block) * block;
  const pointwise = matrixPacking(block);
  /** [M, C, k, k] as the matrix [M, taps · channels that unfolding makes]. */
  const unfolded = (channelsAfter: (channels: number) => number): Packing => ({
    pack: ({ shape, data }) => {
      const [filters, channels, ...window] = shape as readonly [number, number, number, number];
      const wide = spreadRows(permuteTaps(data, shape, "taps first"), channels, channelsAfter(channels));
      const columns = sizeOf(window) * channelsAfter(channels);
      return pointwise.pack({ shape: [filters, columns, 1, 1], data: wide });
    },
    unpack: (packed, shape) => {
      const [filters, channels, ...window] = shape as readonly [number, number, number, number];
      const columns = sizeOf(window) * channelsAfter(channels);
      const { data } = pointwise.unpack(packed, [filters, columns, 1, 1]);
      return { shape, data: permuteTaps(spreadRows(data, channelsAfter(channels), channels), shape, "channels first") };
    },
  });
  return {
    pointwise,
    depthwise: depthwisePacking(block),
    unfoldedPlanes: unfolded((channels) => channels),
    unfoldedMap: unfolded(padded),
  };
}

/** Rows of `from` values as rows of `to`: cut off, or filled with zeros. */
function spreadRows(data: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return data;
  const result = new Float32Array((data.length / from) * to);
  for (let row = 0; row < data.length / from; row++) {
    result.set(data.subarray(row * from, row * from + Math.min(from, to)), row * to);
  }
  return result;
}

/** [M, C, 1, 1] ↔ [M/b, C/b, b of C, b of M]. */
function matrixPacking(block: number): Packing {
  const at = (m: number, c: number, blocksOfC: number) =>
    ((Math.floor(m / block) * blocksOfC + Math.floor(c / block)) * block + (c % block)) * block + (m % block);
  return {
    pack({ shape, data }) {
      const [filters, channels] = shape as readonly [number, number, number, number];
      const [m, c] = [filters, channels].map((extent) => Math.ceil(extent / block)) as [number, number];
      const packed = new Float32Array(m * c * block * block);
      for (let i = 0; i < data.length; i++) packed[at(Math.floor(i / channels), i % channels, c)] = data[i]!;
      return packed;
    },
    unpack(packed, shape) {
      const channels = shape[1]!;
      const blocksOfC = Math.ceil(channels / block);
      const data = new Float32Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++) data[i] = packed[at(Math.floor(i / channels), i % channels, blocksOfC)]!;
      return { shape, data };
    },
  };
}

/** [C, 1, k, k] ↔ [C/b, k·k, b]. */
function depthwisePacking(block: number): Packing {
  const at = (c: number, tap: number, taps: number) => (Math.floor(c / block) * taps + tap) * block + (c % block);
  return {
    pack({ shape, data }) {
      const taps = sizeOf(shape.slice(1));
      const packed = new Float32Array(Math.ceil(shape[0]! / block) * block * taps);
      for (let i = 0; i < data.length; i++) packed[at(Math.floor(i / taps), i % taps, taps)] = data[i]!;
      return packed;
    },
    unpack(packed, shape) {
      const taps = sizeOf(shape.slice(1));
      const data = new Float32Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++) data[i] = packed[at(Math.floor(i / taps), i % taps, taps)]!;
      return { shape, data };
    },
  };
}
