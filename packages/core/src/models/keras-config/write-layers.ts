/** What each operator is as a layer of Keras 3. `null`: no layer of Keras computes it. */
import { type Graph, isOp, type Node, nodeOf } from "../../graph/graph.js";
import { kerasShape } from "../../graph/keras-shape.js";
import type { Op, Pads } from "../../graph/ops.js";
import { samePads } from "../layers.js";
import { activationName } from "./activations.js";
import type { LayerChain } from "./layer-chains.js";
import { hasOneOrder } from "./read-layers.js";

export interface WrittenLayer {
  readonly className: string;
  /** Without the name. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Zeros that no setting of the layer gives, and that a `ZeroPadding2D` before it must. */
  readonly zerosBefore?: Pads;
}

/** An error that a rule throws gets the node's name from its caller. */
type WriteRule<K extends Op> = (node: Node<K>, chain: LayerChain, graph: Graph) => WrittenLayer;

export const writeRules: { readonly [K in Op]: WriteRule<K> | null } = {
  Input: ({ shape }) => ({ className: "InputLayer", config: { batch_shape: kerasShape(shape), sparse: false } }),
  Weight: null,
  Constant: null,

  Rescaling: ({ attrs: { scale, offset } }) => rescaling(plain(scale), plain(offset)),
  Normalization({ inputs: [, mean, variance] }, _, graph) {
    const config = { axis: [3], invert: false };
    const [given, spread] = [mean!, variance!].map((name) => constantOf(graph, name));
    return { className: "Normalization", config: { ...config, mean: given ?? null, variance: spread ?? null } };
  },
  Pad: ({ attrs: { pads } }) => zeroPadding(pads),
  OnesPlane({ inputs: [x] }, _, graph) {
    const channels = nodeOf(graph, x!).shape[1];
    if (channels !== 1)
      throw new Error(`a plane of ones beside ${channels} channels, expected 1: Keras has no layer for it`);
    return rescaling(0, 1);
  },
  Concat({ attrs: { axis }, shape }) {
    if (axis === 0) throw new Error("joins batches, which no layer of Keras does");
    return { className: "Concatenate", config: { axis: shape.length === 4 && axis > 1 ? axis - 1 : -1 } };
  },

  Conv: convolution,
  BatchNormalization: ({ attrs: { epsilon, momentum }, shape }, { nodes }) => ({
    className: "BatchNormalization",
    config: { axis: shape.length === 4 && nodes.length === 1 ? 3 : -1, momentum, epsilon, center: true, scale: true },
  }),
  Relu: (node, { className }) => (className === "ReLU" ? { className, config: { max_value: null } } : activation(node)),
  Clip(node, { className }) {
    const { min, max } = node.attrs;
    if (className !== "ReLU" && activationName(node.op, node.attrs)) return activation(node);
    if (min !== 0 || max <= 0)
      throw new Error(`limits values to ${min} … ${max}, expected 0 and more: Keras has no layer for it`);
    return { className: "ReLU", config: { max_value: max } };
  },
  Sigmoid: (node) => activation(node),
  Tanh: (node) => activation(node),
  Silu: (node) => activation(node),
  Softmax(node, { className }) {
    if (node.shape.length !== 2) throw new Error("softmax over the columns of a map, which no layer of Keras does");
    return className === "Softmax" ? { className, config: { axis: -1 } } : activation(node);
  },

  GlobalAveragePool: (_, { nodes }) => pooling("GlobalAveragePooling2D", nodes),
  GlobalMaxPool: (_, { nodes }) => pooling("GlobalMaxPooling2D", nodes),
  Flatten: () => ({ className: "Flatten", config: {} }),
  Reshape({ shape, inputs: [x] }, _, graph) {
    const from = nodeOf(graph, x!).shape;
    if (from.join() !== shape.join() && !(hasOneOrder(from) && hasOneOrder(shape))) {
      throw new Error("values lie in another order in Keras, from or to a map of more than one pixel and channel");
    }
    return { className: "Reshape", config: { target_shape: kerasShape(shape).slice(1) } };
  },
  Dropout: ({ attrs: { rate, noise }, shape }) => ({
    className: "Dropout",
    config: {
      rate,
      noise_shape: noise === "sample" ? shape.map((_, axis) => (axis === 0 ? null : 1)) : null,
      seed: null,
    },
  }),

  Add: () => ({ className: "Add", config: {} }),
  Mul: () => ({ className: "Multiply", config: {} }),
  Gemm({ attrs: { transA, transB }, shape, inputs }, { nodes }) {
    if (transA || transB) throw new Error("multiplies by a transposed matrix, which no layer of Keras does");
    const config = { units: shape[1], use_bias: inputs.length > 2, activation: following(nodes) };
    return { className: "Dense", config };
  },

  ReduceMax: null,
  GreaterOrEqual: null,
  ReduceSum: null,
  SoftmaxCrossEntropy: null,
  SoftmaxCrossEntropyGrad: null,
  Sub: null,
  Div: null,
  Sqrt: null,
  ConvInputGrad: null,
  ConvWeightGrad: null,
  Crop: null,
  GlobalAveragePoolGrad: null,
  GlobalMaxPoolGrad: null,
  PixelDot: null,
  ImageAffine: null,
  ChannelMean: null,
  ChannelMeanGrad: null,
  ChannelSum: null,
  ChannelDot: null,
  ChannelAffine: null,
  ReluGrad: null,
  ClipGrad: null,
  SigmoidGrad: null,
  TanhGrad: null,
  SiluGrad: null,
};

const plain = (values: readonly number[]): number | readonly number[] => (values.length === 1 ? values[0]! : values);

const rescaling = (scale: number | readonly number[], offset: number | readonly number[]): WrittenLayer => ({
  className: "Rescaling",
  config: { scale, offset },
});

export const zeroPadding = ([top, left, bottom, right]: Pads): WrittenLayer => ({
  className: "ZeroPadding2D",
  config: {
    padding: [
      [top, bottom],
      [left, right],
    ],
    data_format: "channels_last",
  },
});

function constantOf(graph: Graph, name: string): readonly number[] | undefined {
  const node = nodeOf(graph, name);
  return isOp(node, "Constant") ? node.attrs.value_floats : undefined;
}

const activation = ({ op, attrs }: Node): WrittenLayer => ({
  className: "Activation",
  config: { activation: activationName(op, attrs) },
});

/** The activation that ends a layer of convolution or matrix. */
function following([, next]: LayerChain["nodes"]): string {
  return next ? activationName(next.op, next.attrs)! : "linear"; // a chain goes on with nothing else
}

const pooling = (className: string, nodes: LayerChain["nodes"]): WrittenLayer => ({
  className,
  config: { data_format: "channels_last", keepdims: nodes.length === 1 },
});

function convolution(node: Node<"Conv">, { className, nodes }: LayerChain, graph: Graph): WrittenLayer {
  const { strides, pads, dilations, group } = node.attrs;
  const [x, kernel] = node.inputs.map((name) => nodeOf(graph, name).shape as readonly number[]); // but for x's batch
  const [filters, , ...window] = kernel!;
  const isValid = pads.every((zeros) => zeros === 0);
  const isSame = !isValid && isSamePadding(node, x!, window);
  const config = {
    kernel_size: window,
    strides,
    padding: isSame ? "same" : "valid",
    data_format: "channels_last",
    dilation_rate: dilations,
    activation: following(nodes),
    use_bias: node.inputs.length > 2,
  };
  const before = isValid || isSame ? {} : { zerosBefore: pads };
  if (className !== "DepthwiseConv2D") {
    return { className: "Conv2D", config: { filters, ...config, groups: group }, ...before };
  }
  if (group !== x![1] || filters !== group) throw new Error(`${filters} filters in ${group} groups are not depthwise`);
  return { className, config: { depth_multiplier: 1, ...config }, ...before };
}

function isSamePadding({ attrs }: Node<"Conv">, x: readonly number[], window: readonly number[]): boolean {
  const { strides, pads, dilations } = attrs;
  return window.every((extent, axis) => {
    const [before, after] = samePads(x[axis + 2]!, (extent - 1) * dilations[axis]! + 1, strides[axis]!);
    return pads[axis] === before && pads[axis + 2] === after;
  });
}
