/**
 * Maps as [C, N, H, W], standard operators only: for any ONNX Runtime. With the batch inside the channels a 1×1 convolution
 * is one Gemm over N·H·W columns, its kernel's gradient one more, and a product per channel has C as its batch axis.
 *
 * A depthwise convolution of a small map is a product with a dense [H·W, P·Q] matrix per channel; of a large one a Conv
 * with every channel of every image a group of its own.
 */
import { sizeOf } from "../graph/tensor.js";
import type { MapExtents, MapKernels, Packing, PointwiseIo, Window } from "./map-kernels.js";
import type { OnnxBuilder } from "./onnx-builder.js";
import { inputGradWindow, reversedTaps, selection, tapDiagonals, zerosBetween } from "./window-constants.js";

/** H·W·P·Q up to which a depthwise convolution is a dense matrix: at 11×14 it takes 8 times as long as a Conv, at 6×7 half. */
const denseLimit = 2000;

/** As ONNX has them. */
const asItIs: Packing = {
  pack: ({ data }) => data,
  unpack: (packed, shape) => ({ shape, data: packed }),
};

/** [M, C, k, k] → [M, k·k, C]: channel after channel within a tap, as unfolding lays them. */
const tapsFirst: Packing = {
  pack: (kernel) => permuteTaps(kernel.data, kernel.shape, "taps first"),
  unpack: (packed, shape) => ({ shape, data: permuteTaps(packed, shape, "channels first") }),
};

/** For a fixed batch; any channels. */
export function portableKernels(onnx: OnnxBuilder, batch: number): MapKernels {
  const add = onnx.add.bind(onnx);
  const reshape = (x: string, ...shape: number[]) => add("Reshape", [x, onnx.ints(shape)]);
  const map = (x: string, [c, h, w]: MapExtents) => reshape(x, c, batch, h, w);
  const swap = (x: string) => add("Transpose", [x], { perm: [1, 0, 2, 3] });
  const transpose = (x: string, ...perm: number[]) => add("Transpose", [x], { perm });
  /** A vector [N, C] as [C, N, 1, 1]. */
  const column = (v: string, c: number) => reshape(transpose(v, 1, 0), c, batch, 1, 1);
  /** Batch into the channels: each channel of each image is a group. */
  const grouped = (x: string, [h, w]: readonly [number, number]) => reshape(x, 1, -1, h, w);
  /** Of each channel, once for every image: [C·N, …rest]. */
  const perImage = (w: string, c: number, ...rest: number[]) => {
    const repeated = add("Expand", [reshape(w, c, 1, ...rest), onnx.ints([c, batch, ...rest])]);
    return reshape(repeated, c * batch, ...(rest.length === 2 ? [1] : []), ...rest);
  };
  const isDense = ({ from, to }: Window) => from[0] * from[1] * to[0] * to[1] <= denseLimit;
  const select = (window: Window) => onnx.tensor(...selection(window));
  /** [C, H·W, P·Q]: what each pixel before gives each pixel after. */
  const denseKernel = (w: string, c: number, window: Window) => {
    const dense = add("MatMul", [reshape(w, c, window.kernel[0] * window.kernel[1]), select(window)]);
    return reshape(dense, c, window.from[0] * window.from[1], window.to[0] * window.to[1]);
  };
  const pad = (x: string, [top, left, bottom, right]: readonly number[]) =>
    add("Pad", [x, onnx.ints([0, 0, top!, left!, 0, 0, bottom!, right!])], { mode: "constant" });
  const unfold = (x: string, { kernel, strides, pads, to }: Window) => {
    const padded = pads.some((zeros) => zeros > 0) ? pad(x, pads) : x;
    const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
      const start = [Math.floor(tap / kernel[1]), tap % kernel[1]];
      const end = start.map((first, axis) => first + (to[axis]! - 1) * strides[axis]! + 1);
      return add("Slice", [padded, ...[start, end, [2, 3], strides].map((values) => onnx.ints(values))]);
    });
    return add("Concat", taps, { axis: 0 });
  };

  return {
    name: "portable",
    batch,
    packings: { pointwise: asItIs, depthwise: asItIs, unfoldedPlanes: tapsFirst, unfoldedMap: tapsFirst },

    mapFromPlanes: (x) => swap(x),
    planesFromMap: (x) => swap(x),
    mapFromVector: (v, c) => column(v, c),
    vectorFromMap: (x, c) => transpose(reshape(x, c, batch), 1, 0),

    pointwise({ x, w, bias, sum }: PointwiseIo, inputs, extents) {
      const [o] = extents;
      const columns = bias === undefined ? [] : [reshape(bias, o, 1)];
      const y = map(add("Gemm", [reshape(w, o, inputs), reshape(x, inputs, -1), ...columns]), extents);
      return sum === undefined ? y : add("Add", [y, sum]);
    },
    pointwiseInputGrad({ x: dy, w, sum }, inputs, [o, h, width]) {
      const columns = sum === undefined ? [] : [reshape(sum, inputs, -1)];
      const y = add("Gemm", [reshape(w, o, inputs), reshape(dy, o, -1), ...columns], { transA: 1 });
      return map(y, [inputs, h, width]);
    },
    pointwiseWeightGrad: (x, dy, inputs, [o]) =>
      reshape(add("Gemm", [reshape(dy, o, -1), reshape(x, inputs, -1)], { transB: 1 }), -1),

    depthwise({ x, w, bias }, c, window) {
      const { kernel, strides, pads, from, to } = window;
      if (isDense(window)) {
        const y = add("MatMul", [reshape(x, c, batch, from[0] * from[1]), denseKernel(w, c, window)]);
        const shifted = bias === undefined ? y : add("Add", [y, reshape(bias, c, 1, 1)]);
        return map(shifted, [c, ...to]);
      }
      const inputs = [grouped(x, from), perImage(w, c, ...kernel), ...(bias === undefined ? [] : [perImage(bias, c)])];
      return map(add("Conv", inputs, { group: c * batch, strides, pads, kernel_shape: kernel }), [c, ...to]);
    },
    depthwiseInputGrad(dy, w, c, window) {
      const { kernel, from, to } = window;
      if (isDense(window)) {
        const dense = transpose(denseKernel(w, c, window), 0, 2, 1);
        return map(add("MatMul", [reshape(dy, c, batch, to[0] * to[1]), dense]), [c, ...from]);
      }
      const { dy: spread, window: after } = this.spreadForInputGrad(dy, c, window);
      const taps = kernel[0] * kernel[1];
      const flipped = add("Gather", [reshape(w, c, taps), onnx.ints(reversedTaps(kernel))], { axis: 1 });
      const inputs = [grouped(spread, after.from), perImage(flipped, c, ...kernel)];
      const attrs = { group: c * batch, pads: after.pads, kernel_shape: kernel, strides: after.strides };
      return map(add("Conv", inputs, attrs), [c, ...from]);
    },
    /**
     * Of a large map row by row: for each kernel row, [W, N·P] · [N·P, Q] pairs every column before with every column after, of
     * the rows that lie so far apart; a tap is the sum along a diagonal. Half the time of a Conv with dy as the filter.
     */
    depthwiseWeightGrad(x, dy, c, window) {
      const { kernel, strides, pads, from, to } = window;
      const [[height, width], [rows, columns]] = [from, to];
      if (isDense(window)) {
        const left = transpose(reshape(x, c, batch, height * width), 0, 2, 1);
        const dense = add("MatMul", [left, reshape(dy, c, batch, rows * columns)]);
        const taps = transpose(select(window), 1, 0);
        return reshape(add("MatMul", [reshape(dense, c, -1), taps]), -1);
      }
      const padded = pad(x, [pads[0], 0, pads[2], 0]);
      const after = reshape(dy, c, batch * rows, columns);
      const diagonals = Array.from({ length: kernel[0] }, (_, i) => {
        const bounds = [[i], [i + (rows - 1) * strides[0] + 1], [2], [strides[0]]].map((values) => onnx.ints(values));
        const before = transpose(reshape(add("Slice", [padded, ...bounds]), c, batch * rows, width), 0, 2, 1);
        const pairs = reshape(add("MatMul", [before, after]), c, width * columns);
        return add("MatMul", [pairs, onnx.tensor(...tapDiagonals(window))]);
      });
      return reshape(add("Concat", diagonals, { axis: 1 }), -1);
    },

    unfoldPlanes: (x, c, window) => ({ x: unfold(swap(x), window), channels: c * window.kernel[0] * window.kernel[1] }),
    unfoldMap: (x, c, window) => ({ x: unfold(x, window), channels: c * window.kernel[0] * window.kernel[1] }),
    /** A Pad of single floats takes 5 times as long as a product with a 0/1 matrix for the columns and a Pad of whole rows. */
    spreadForInputGrad(dy, c, window) {
      const { strides, to } = window;
      const [rows, columns] = [to[0] * strides[0], to[1] * strides[1]];
      let spread = dy;
      if (strides[1] > 1) {
        const lines = add("MatMul", [reshape(spread, -1, to[1]), onnx.tensor(...zerosBetween(to[1], strides[1]))]);
        spread = reshape(lines, c, batch, to[0], columns);
      }
      if (strides[0] > 1) {
        const zeros = onnx.ints([0, 0, 0, 0, strides[0] - 1, 0]);
        spread = add("Pad", [reshape(spread, c * batch * to[0], 1, columns), zeros], { mode: "constant" });
      }
      return { dy: reshape(spread, c, batch, rows, columns), window: inputGradWindow(window) };
    },
    reverseUnfolded(w, filters, inputs, kernel) {
      const taps = kernel[0] * kernel[1];
      const flipped = add("Gather", [reshape(w, filters, taps, inputs), onnx.ints(reversedTaps(kernel))], { axis: 1 });
      return reshape(transpose(flipped, 2, 1, 0), -1); // [C, k·k, M]
    },

    silu: (x) => add("Mul", [x, add("Sigmoid", [x])]),
    averagePool: (x) => transpose(add("ReduceMean", [x], { axes: [2, 3], keepdims: 0 }), 1, 0),
    maxPool: (x) => transpose(add("ReduceMax", [x], { axes: [2, 3], keepdims: 0 }), 1, 0),
    spread: (v, [c, h, w]) => add("Expand", [column(v, c), onnx.ints([c, batch, h, w])]),
    imageAffine(x, scale, shift, [c]) {
      const y = add("Mul", [x, column(scale, c)]);
      return shift === undefined ? y : add("Add", [y, column(shift, c)]);
    },
    pixelDot: (a, b) => transpose(add("ReduceSum", [add("Mul", [a, b]), onnx.ints([2, 3])], { keepdims: 0 }), 1, 0),
    channelSum: (x) => add("ReduceSum", [x, onnx.ints([1, 2, 3])], { keepdims: 0 }),
    channelAffine: (x, scale, shift, [c]) =>
      add("Add", [add("Mul", [x, reshape(scale, c, 1, 1, 1)]), reshape(shift, c, 1, 1, 1)]),
  };
}

/** Between [M, C, k·k] and [M, k·k, C]. `shape` is the kernel's, [M, C, k, k]. */
export function permuteTaps(
  data: Float32Array,
  shape: readonly number[],
  to: "taps first" | "channels first",
): Float32Array {
  const [filters, channels, ...window] = shape as readonly [number, number, number, number];
  const taps = sizeOf(window);
  const result = new Float32Array(data.length);
  for (let m = 0; m < filters; m++) {
    for (let c = 0; c < channels; c++) {
      for (let t = 0; t < taps; t++) {
        const [ours, unfolded] = [(m * channels + c) * taps + t, (m * taps + t) * channels + c];
        if (to === "taps first") result[unfolded] = data[ours]!;
        else result[ours] = data[unfolded]!;
      }
    }
  }
  return result;
}
