/**
 * The lowering that is exported and that runs forward: maps [N, C, H, W], standard operators of opset 17. ONNX Runtime
 * itself brings constant weights into the layout that is fast on the machine. Gradients by maps are here for explanations of
 * a model that is not trained; null: gradients by weights, which only fine-tuning computes (`training.ts`).
 */
import type { Node, Shape } from "../graph/graph.js";
import type { Ops } from "../graph/ops.js";
import type { Lowering } from "./lowering.js";
import type { OnnxBuilder } from "./onnx-builder.js";

export const inference: Lowering = {
  /** What changes nothing is left out; what makes 3 channels of 1 does change something. */
  Rescaling(onnx, { attrs: { scale, offset } }, [x], [shape]) {
    const changes = (values: readonly number[], neutral: number) =>
      values.some((value) => value !== neutral) || (values.length > 1 && shape![1] === 1);
    const scaled = changes(scale, 1) ? onnx.add("Mul", [x!, perChannel(onnx, scale)]) : x!;
    return changes(offset, 0) ? onnx.add("Add", [scaled, perChannel(onnx, offset)]) : scaled;
  },
  Normalization(onnx, _, [x, mean, variance]) {
    const std = onnx.add("Max", [onnx.add("Sqrt", [variance!]), onnx.floats([], [1e-7])]);
    return onnx.add("Div", [onnx.add("Sub", [x!, mean!]), std]);
  },
  Pad: (onnx, { attrs: { pads } }, [x]) => {
    const [top, left, bottom, right] = pads;
    return onnx.add("Pad", [x!, onnx.ints([0, 0, top, left, 0, 0, bottom, right])], { mode: "constant" });
  },
  OnesPlane(onnx, _, [x], [shape]) {
    const plane = shape![1] === 1 ? x! : onnx.add("Slice", [x!, onnx.ints([0]), onnx.ints([1]), onnx.ints([1])]);
    const extents = onnx.add("Shape", [plane]);
    return onnx.add("Expand", [onnx.floats([1, 1, 1, 1], [1]), extents]);
  },
  Concat: (onnx, { attrs: { axis } }, inputs) => onnx.add("Concat", inputs, { axis }),

  Conv(onnx, { attrs: { strides, pads, dilations, group } }, [x, w, bias, sum], shapes) {
    const kernel = shapes[1] as readonly number[]; // weights have no symbolic extent
    const inputs = [x!, w!, ...(bias === undefined ? [] : [bias])];
    const y = onnx.add("Conv", inputs, { kernel_shape: kernel.slice(2), strides, pads, dilations, group });
    return sum === undefined ? y : onnx.add("Add", [y, sum]);
  },
  BatchNormalization: (onnx, { attrs: { epsilon } }, inputs) =>
    onnx.add("BatchNormalization", inputs, { epsilon: { float: epsilon } }),
  Relu: (onnx, _, [x]) => onnx.add("Relu", [x!]),
  Clip: (onnx, { attrs: { min, max } }, [x]) => onnx.add("Clip", [x!, onnx.floats([], [min]), onnx.floats([], [max])]),
  Sigmoid: (onnx, _, [x]) => onnx.add("Sigmoid", [x!]),
  Tanh: (onnx, _, [x]) => onnx.add("Tanh", [x!]),
  Silu: (onnx, _, [x]) => onnx.add("Mul", [x!, onnx.add("Sigmoid", [x!])]),
  Softmax: (onnx, _, [x]) => onnx.add("Softmax", [x!], { axis: -1 }),

  GlobalAveragePool: (onnx, _, [x]) => onnx.add("GlobalAveragePool", [x!]),
  GlobalMaxPool: (onnx, _, [x]) => onnx.add("GlobalMaxPool", [x!]),
  Flatten: (onnx, _, [x]) => onnx.add("Flatten", [x!], { axis: 1 }),
  Reshape: (onnx, { attrs: { shape } }, [x]) => onnx.add("Reshape", [x!, onnx.ints(onnxExtents(shape))]),
  Dropout: (_onnx, _, [x]) => x!,

  Add: (onnx, _, inputs) => onnx.add("Add", inputs),
  Sub: (onnx, _, inputs) => onnx.add("Sub", inputs),
  Mul: (onnx, _, inputs) => onnx.add("Mul", inputs),
  Div: (onnx, _, inputs) => onnx.add("Div", inputs),
  Sqrt: (onnx, _, [x]) => onnx.add("Sqrt", [x!]),
  Gemm: (onnx, { attrs: { transA, transB } }, inputs) => onnx.add("Gemm", inputs, { transA, transB }),
  ReduceSum: (onnx, { attrs: { axes, keepdims } }, [x]) => onnx.add("ReduceSum", [x!, onnx.ints(axes)], { keepdims }),
  ReduceMax: (onnx, { attrs: { axes, keepdims } }, [x]) => onnx.add("ReduceMax", [x!], { axes, keepdims }),
  GreaterOrEqual: (onnx, _, inputs) => onnx.add("Cast", [onnx.add("GreaterOrEqual", inputs)], { to: float }),
  Constant: (onnx, { attrs: { shape, value_floats } }) => onnx.floats(shape, value_floats),

  SoftmaxCrossEntropy(onnx, _, [logits, targets, scale]) {
    const products = onnx.add("Mul", [targets!, onnx.add("LogSoftmax", [logits!], { axis: -1 })]);
    const sum = onnx.add("ReduceSum", [products], { keepdims: 0 });
    return onnx.add("Neg", [onnx.add("Mul", [sum, scale!])]);
  },
  SoftmaxCrossEntropyGrad(onnx, _, [logits, targets, scale]) {
    const mass = onnx.add("ReduceSum", [targets!, onnx.ints([1])], { keepdims: 1 });
    const expected = onnx.add("Mul", [onnx.add("Softmax", [logits!], { axis: -1 }), mass]);
    return onnx.add("Mul", [onnx.add("Sub", [expected, targets!]), scale!]);
  },
  ConvInputGrad(onnx, node, [dy, w, sum], shapes) {
    const kernel = shapes[1] as readonly [number, number, number, number]; // weights have no symbolic extent
    const dx =
      convInputGradAsConv(onnx, node.attrs, [dy!, w!], kernel) ?? transposedConv(onnx, node, [dy!, w!], shapes);
    return sum === undefined ? dx : onnx.add("Add", [dx, sum]);
  },
  ConvWeightGrad: null,
  Crop(onnx, { attrs: { pads }, shape }, [dy]) {
    const [top, left] = pads;
    const [, , height, width] = shape as readonly number[]; // the batch alone may be a symbol
    const bounds = [
      [top, left],
      [top + height!, left + width!],
      [2, 3],
    ].map((values) => onnx.ints(values));
    return onnx.add("Slice", [dy!, ...bounds]);
  },
  GlobalAveragePoolGrad(onnx, { attrs: { extents } }, [dy]) {
    const share = onnx.add("Mul", [dy!, onnx.floats([], [1 / (extents[0] * extents[1])])]);
    return onnx.add("Expand", [share, onnx.ints([1, 1, ...extents])]);
  },
  GlobalMaxPoolGrad(onnx, _, [x, y, dy]) {
    const isLargest = onnx.add("Cast", [onnx.add("Equal", [x!, y!])], { to: float });
    const count = onnx.add("ReduceSum", [isLargest, onnx.ints([2, 3])], { keepdims: 1 });
    return onnx.add("Mul", [isLargest, onnx.add("Div", [dy!, count])]);
  },
  PixelDot: (onnx, _, inputs) => onnx.add("ReduceSum", [onnx.add("Mul", inputs), onnx.ints([2, 3])], { keepdims: 1 }),
  ImageAffine: (onnx, _, [x, scale, shift]) => onnx.add("Add", [onnx.add("Mul", [x!, scale!]), shift!]),
  ChannelMean: null,
  ChannelMeanGrad: null,
  ChannelSum: null,
  ChannelDot: null,
  ChannelAffine(onnx, _, [x, ...vectors]) {
    const [scale, shift] = vectors.map((vector) => onnx.add("Reshape", [vector, onnx.ints([1, -1, 1, 1])]));
    return onnx.add("Add", [onnx.add("Mul", [x!, scale!]), shift!]);
  },
  /** A product with the condition as 0 or 1: a Where takes four times as long (ONNX Runtime 1.30, CPU). */
  ReluGrad: (onnx, _, [x, dy]) =>
    onnx.add("Mul", [dy!, onnx.add("Cast", [onnx.add("Greater", [x!, onnx.floats([], [0])])], { to: float })]),
  ClipGrad(onnx, { attrs: { min, max } }, [x, dy]) {
    const above = onnx.add("Greater", [x!, onnx.floats([], [min])]);
    const inside = onnx.add("And", [above, onnx.add("Less", [x!, onnx.floats([], [max])])]);
    return onnx.add("Mul", [dy!, onnx.add("Cast", [inside], { to: float })]);
  },
  SigmoidGrad: (onnx, _, [y, dy]) =>
    onnx.add("Mul", [dy!, onnx.add("Mul", [y!, onnx.add("Sub", [onnx.floats([], [1]), y!])])]),
  TanhGrad: (onnx, _, [y, dy]) =>
    onnx.add("Mul", [dy!, onnx.add("Sub", [onnx.floats([], [1]), onnx.add("Mul", [y!, y!])])]),
  /** dx = g + g · (x − y) with g = dy · σ(x). */
  SiluGrad(onnx, _, [x, y, dy]) {
    const g = onnx.add("Mul", [dy!, onnx.add("Sigmoid", [x!])]);
    return onnx.add("Add", [g, onnx.add("Mul", [g, onnx.add("Sub", [x!, y!])])]);
  },
};

/**
 * Of stride 1 a convolution again, with the taps reversed and inputs and filters exchanged, which constant folding does once:
 * ONNX Runtime has fast kernels for it, and none for a ConvTranspose of many groups. Undefined where it is none.
 */
function convInputGradAsConv(
  onnx: OnnxBuilder,
  { strides, pads, dilations, group, extents: _ }: Ops["ConvInputGrad"],
  [dy, w]: readonly [string, string],
  [count, perGroup, ...window]: readonly [number, number, number, number],
): string | undefined {
  const isDepthwise = perGroup === 1 && count === group;
  const reach = window.map((taps, axis) => (taps - 1) * dilations[axis]!);
  const mirrored = pads.map((zeros, i) => reach[i % 2]! - zeros);
  if (strides.some((stride) => stride > 1) || mirrored.some((zeros) => zeros < 0)) return undefined;
  if (group > 1 && !isDepthwise) return undefined;
  const filters = group === 1 ? onnx.add("Transpose", [w], { perm: [1, 0, 2, 3] }) : w;
  const bounds = [
    [-1, -1],
    [-(2 ** 31), -(2 ** 31)],
    [2, 3],
    [-1, -1],
  ].map((values) => onnx.ints(values));
  const flipped = Math.max(...window) > 1 ? onnx.add("Slice", [filters, ...bounds]) : filters;
  return onnx.add("Conv", [dy, flipped], { kernel_shape: window, strides, pads: mirrored, dilations, group });
}

function transposedConv(
  onnx: OnnxBuilder,
  { attrs: { extents, ...attrs } }: Node<"ConvInputGrad">,
  inputs: readonly [string, string],
  [shape, kernel]: readonly Shape[],
): string {
  const { strides, pads, dilations, group } = attrs;
  const [window, positions] = [kernel, shape].map((of) => of!.slice(2)) as [number[], number[]]; // the batch alone may be a symbol
  /** Pixels at the end of an axis that no window reaches: their gradient is 0. */
  const output_padding = extents.map((extent, axis) => {
    const reach = (window[axis]! - 1) * dilations[axis]! + 1;
    return extent + pads[axis]! + pads[axis + 2]! - (positions[axis]! - 1) * strides[axis]! - reach;
  });
  const geometry = { kernel_shape: window, strides, pads, dilations, group, output_padding };
  return onnx.add("ConvTranspose", inputs, geometry);
}

/** ONNX's number of float32, as `Cast` takes it. */
const float = 1;

/** One number, or one per channel, as it broadcasts against [N, C, H, W]. */
const perChannel = (onnx: OnnxBuilder, values: readonly number[]) =>
  values.length === 1 ? onnx.floats([], values) : onnx.floats([1, values.length, 1, 1], values);

/** ONNX's Reshape copies an extent that is written 0. */
const onnxExtents = (shape: Shape) => shape.map((extent) => (extent === "N" ? 0 : extent));
