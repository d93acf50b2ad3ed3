/** The form of every operator in a training step: what the layouts of maps do not tell apart, and which of their methods it is. */
import { GraphError } from "../errors.js";
import type { Op } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import { inference } from "./inference.js";
import type { LoweringRule } from "./lowering.js";
import type { OnnxBuilder } from "./onnx-builder.js";
import { convInputGrad, convolution, convWeightGrad } from "./training-convolutions.js";
import {
  asMap,
  asVector,
  type Form,
  fixed,
  fromMap,
  isMapShape,
  type Lowered,
  map,
  mapExtents,
  plain,
  type Rule,
  type RuleContext,
  reshape,
  type Value,
  vector,
} from "./training-value.js";

/** An operation on each value by itself: the layout does not matter, as long as all inputs have the same one. */
const elementwise =
  <K extends Op>(rule: LoweringRule<K> | "silu"): Rule<K> =>
  (context) => {
    const { onnx, kernels, node, given } = context;
    const form = given.find((value) => value.form === "map")?.form ?? given[0]!.form;
    const inputs = form === "map" ? given.map((value) => asMap(context, value)) : given.map((value) => value.onnx);
    if (rule === "silu") return { onnx: form === "map" ? kernels.silu(inputs[0]!) : siluOf(onnx, inputs[0]!), form };
    return {
      onnx: rule(
        onnx,
        node,
        inputs,
        given.map((value) => value.shape),
      ),
      form,
    };
  };

const siluOf = (onnx: OnnxBuilder, x: string) => onnx.add("Mul", [x, onnx.add("Sigmoid", [x])]);

/** As the exported file has it; on planes, vectors or plain values. */
const asExported =
  <K extends Exclude<Op, "Input" | "Weight">>(op: K, form: Form): Rule<K> =>
  ({ onnx, node, given }) => {
    const rule = inference[op] as LoweringRule<K>; // of rows that are not null
    return {
      onnx: rule(
        onnx,
        node,
        given.map((value) => value.onnx),
        given.map((value) => value.shape),
      ),
      form,
    };
  };

/** Add, Sub, Mul and Div of two: maps by maps, vectors by vectors, maps by what an image or a channel of it has one of. */
const binary =
  (op: "Add" | "Sub" | "Mul" | "Div"): Rule<"Add" | "Sub" | "Mul" | "Div"> =>
  (context) => {
    const { onnx, kernels, node, given } = context;
    const [a, b] = given as [Value, Value];
    if (!isMapShape(node.shape)) {
      const form = given.find((value) => value.form === "vector" || value.form === "kernel")?.form ?? "plain";
      return { onnx: onnx.add(op, [a.onnx, b.onnx]), form };
    }
    const [whole, other] = isMapShape(a.shape) ? [a, b] : [b, a];
    if (isMapShape(other.shape)) return map(onnx.add(op, [asMap(context, a), asMap(context, b)]));
    const single = sizeOf(fixed(other.shape, 1)) === 1 && other.form === "plain";
    if (single)
      return map(
        onnx.add(
          op,
          given.map((value) => (value === other ? other.onnx : asMap(context, value))),
        ),
      );
    if (op !== "Mul") throw new GraphError(`${node.name} (${op}): of a map and a vector, has no form for training`);
    const extents = mapExtents(node.shape);
    const gate = other.shape[1] === 1 && extents[0] !== 1 ? widen(context, other.onnx, extents[0]) : other.onnx;
    return map(kernels.imageAffine(asMap(context, whole), gate, undefined, extents));
  };

/** One number an image, [N, 1], as one a channel. */
const widen = ({ onnx, kernels }: RuleContext<Op>, v: string, channels: number) =>
  onnx.add("Expand", [v, onnx.ints([kernels.batch, channels])]);

/** γ/√(σ² + ε) and β − μ·γ/√(σ² + ε): what a normalization does to each channel. */
function batchNormalization(context: RuleContext<"BatchNormalization">): Lowered {
  const { onnx, kernels, node, given } = context;
  const [x, gamma, beta, mean, variance] = given as [Value, Value, Value, Value, Value];
  const shifted = onnx.add("Add", [variance.onnx, onnx.floats([], [node.attrs.epsilon])]);
  const scale = onnx.add("Div", [gamma.onnx, onnx.add("Sqrt", [shifted])]);
  const shift = onnx.add("Sub", [beta.onnx, onnx.add("Mul", [mean.onnx, scale])]);
  return fromMap(context, kernels.channelAffine(asMap(context, x), scale, shift, mapExtents(node.shape)));
}

/** The number of values behind each channel's mean. */
const perChannel = ({ kernels, given: [x] }: RuleContext<Op>) => {
  const [, height, width] = mapExtents(x!.shape);
  return kernels.batch * height * width;
};

const channelDot = (context: RuleContext<Op>, a: string, b: string): string => {
  const { onnx, kernels, given } = context;
  return onnx.add("ReduceSum", [kernels.pixelDot(a, b, mapExtents(given[0]!.shape)), onnx.ints([0])], { keepdims: 0 });
};

/** Every operator but inputs and weights, which `lowerTraining` makes itself. */
export const trainingRules: { readonly [K in Exclude<Op, "Input" | "Weight">]: Rule<K> } = {
  Rescaling: asExported("Rescaling", "planes"),
  Normalization: asExported("Normalization", "planes"),
  Pad: asExported("Pad", "planes"),
  OnesPlane: asExported("OnesPlane", "planes"),
  Concat: asExported("Concat", "planes"),

  Conv: convolution,
  BatchNormalization: batchNormalization,
  Relu: elementwise(inference.Relu!),
  Clip: elementwise(inference.Clip!),
  Sigmoid: elementwise(inference.Sigmoid!),
  Tanh: elementwise(inference.Tanh!),
  Silu: elementwise("silu"),
  Softmax: asExported("Softmax", "vector"),

  GlobalAveragePool: (context) =>
    vector(context.kernels.averagePool(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  GlobalMaxPool: (context) =>
    vector(context.kernels.maxPool(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  Flatten: (context) => vector(asVector(context, context.given[0]!)),
  Reshape: (context) => {
    const { onnx, kernels, node, given } = context;
    const shape = fixed(node.shape, kernels.batch);
    if (node.shape[0] !== "N") return plain(reshape(onnx, given[0]!.onnx, shape)); // no batch
    const flat = asVector(context, given[0]!);
    return isMapShape(node.shape) ? { onnx: reshape(onnx, flat, shape), form: "planes" } : vector(flat);
  },
  Dropout: ({ given: [x] }) => x!,

  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div"),
  Sqrt: elementwise(inference.Sqrt!),
  Gemm: (context) => {
    const { onnx, node, given } = context;
    const inputs = given.map(({ onnx: x }) => x);
    return { onnx: onnx.add("Gemm", inputs, { ...node.attrs }), form: node.shape[0] === "N" ? "vector" : "plain" };
  },
  ReduceSum: (context) => {
    const { node, given } = context;
    if (given[0]!.form !== "map") return asExported("ReduceSum", "plain")(context);
    throw new GraphError(`${node.name} (ReduceSum): of a map, over axes ${node.attrs.axes}, has no form for training`);
  },
  ReduceMax: asExported("ReduceMax", "plain"),
  GreaterOrEqual: asExported("GreaterOrEqual", "vector"),
  Constant: asExported("Constant", "plain"),

  SoftmaxCrossEntropy: asExported("SoftmaxCrossEntropy", "plain"),
  SoftmaxCrossEntropyGrad: asExported("SoftmaxCrossEntropyGrad", "vector"),
  ConvInputGrad: convInputGrad,
  ConvWeightGrad: convWeightGrad,
  Crop: (context) => {
    const { onnx, kernels, node, given } = context;
    const [top, left] = node.attrs.pads;
    const [, height, width] = mapExtents(node.shape);
    const planes = reshape(onnx, asVector(context, given[0]!), fixed(given[0]!.shape, kernels.batch));
    const bounds = [
      [top, left],
      [top + height, left + width],
      [2, 3],
    ].map((values) => onnx.ints(values));
    return { onnx: onnx.add("Slice", [planes, ...bounds]), form: isMapShape(node.shape) ? "planes" : "vector" };
  },
  GlobalAveragePoolGrad: (context) => {
    const { onnx, kernels, node, given } = context;
    const extents = mapExtents(node.shape);
    const share = onnx.add("Mul", [given[0]!.onnx, onnx.floats([], [1 / (extents[1] * extents[2])])]);
    return isMapShape(node.shape) ? map(kernels.spread(share, extents)) : vector(share);
  },
  GlobalMaxPoolGrad: (context) => {
    const { onnx, kernels, node, given } = context;
    const [x, y, dy] = given as [Value, Value, Value];
    const extents = mapExtents(node.shape);
    if (!isMapShape(node.shape)) return vector(onnx.add("Identity", [dy.onnx]));
    const values = asMap(context, x);
    const isLargest = onnx.add("Equal", [values, kernels.spread(y.onnx, extents)]);
    const ones = onnx.add("Where", [isLargest, onnx.floats([], [1]), onnx.floats([], [0])]);
    const share = onnx.add("Div", [dy.onnx, kernels.pixelDot(ones, ones, extents)]);
    return map(kernels.imageAffine(ones, share, undefined, extents));
  },
  PixelDot: (context) => {
    const [a, b] = context.given as [Value, Value];
    return vector(context.kernels.pixelDot(asMap(context, a), asMap(context, b), mapExtents(a.shape)));
  },
  ImageAffine: (context) => {
    const [x, scale, shift] = context.given as [Value, Value, Value];
    const extents = mapExtents(context.node.shape);
    return fromMap(context, context.kernels.imageAffine(asMap(context, x), scale.onnx, shift.onnx, extents));
  },
  ChannelMean: (context) => {
    const { onnx, kernels, given } = context;
    const sum = kernels.channelSum(asMap(context, given[0]!), mapExtents(given[0]!.shape));
    return plain(onnx.add("Mul", [sum, onnx.floats([], [1 / perChannel(context)])]));
  },
  ChannelMeanGrad: (context) => {
    const { onnx, kernels, given, node } = context;
    const share = onnx.add("Mul", [given[1]!.onnx, onnx.floats([], [1 / perChannel(context)])]);
    const rows = onnx.add("Expand", [share, onnx.ints([kernels.batch, mapExtents(node.shape)[0]])]);
    return isMapShape(node.shape) ? map(kernels.spread(rows, mapExtents(node.shape))) : vector(rows);
  },
  ChannelSum: (context) =>
    context.given[0]!.form === "vector"
      ? plain(context.onnx.add("ReduceSum", [context.given[0]!.onnx, context.onnx.ints([0])], { keepdims: 0 }))
      : plain(context.kernels.channelSum(asMap(context, context.given[0]!), mapExtents(context.given[0]!.shape))),
  ChannelDot: (context) => {
    const [a, b] = context.given.map((value) => asMap(context, value)) as [string, string];
    return plain(channelDot(context, a, b));
  },
  ChannelAffine: (context) => {
    const [x, scale, shift] = context.given as [Value, Value, Value];
    const extents = mapExtents(context.node.shape);
    return fromMap(context, context.kernels.channelAffine(asMap(context, x), scale.onnx, shift.onnx, extents));
  },

  ReluGrad: elementwise(inference.ReluGrad!),
  ClipGrad: elementwise(inference.ClipGrad!),
  SigmoidGrad: elementwise(inference.SigmoidGrad!),
  TanhGrad: elementwise(inference.TanhGrad!),
  SiluGrad: elementwise(inference.SiluGrad!),
};
