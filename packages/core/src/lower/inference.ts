/**
 * The lowering that is exported and that runs forward: maps [N, C, H, W], standard operators of opset 17. ONNX Runtime
 * itself brings constant weights into the layout that is fast on the machine. Gradients by maps are here for explanations of
 * a model that is not trained; null: gradients by weights, which only fine-tuning computes (`training.ts`).
 */
import type { Shape } from "../graph/graph.js";
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
  ConvInputGrad(onnx, { attrs: { extents, ...attrs } }, [dy, w, sum], shapes) {
    const { strides, pads, dilations, group } = attrs;
    const window = (shapes[1] as readonly number[]).slice(2); // weights have no symbolic extent
    const positions = shapes[0]!.slice(2) as number[]; // the batch alone may be a symbol
    /** Pixels at the end of an axis that no window reaches: their gradient is 0. */
    const output_padding = extents.map((extent, axis) => {
      const reach = (window[axis]! - 1) * dilations[axis]! + 1;
      return extent + pads[axis]! + pads[axis + 2]! - (positions[axis]! - 1) * strides[axis]! - reach;
    });
    const geometry = { kernel_shape: window, strides, pads, dilations, group, output_padding };
    const dx = onnx.add("ConvTranspose", [dy!, w!], geometry);
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

/** ONNX's number of float32, as `Cast` takes it. */
const float = 1;

/** One number, or one per channel, as it broadcasts against [N, C, H, W]. */
const perChannel = (onnx: OnnxBuilder, values: readonly number[]) =>
  values.length === 1 ? onnx.floats([], values) : onnx.floats([1, values.length, 1, 1], values);

/** ONNX's Reshape copies an extent that is written 0. */
const onnxExtents = (shape: Shape) => shape.map((extent) => (extent === "N" ? 0 : extent));
