/**
 * Multiply-adds of each operator for one sample, as the papers count them: convolutions and dense layers; what acts on each
 * value by itself, pools or moves is counted nowhere.
 * Tan & Le 2019, table 2: 0.39 billion for B0 at 224².
 */
import type { Node, Shape } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";

type Rule = (node: Node, inputs: readonly Shape[]) => number;

const none: Rule = () => 0;

/** Every value of the output (without the batch) is a sum over what one filter reads. */
const perOutput = ({ shape }: Node, reads: number) => sizeOf(shape.slice(1) as readonly number[]) * reads; // the batch is first

const rules: { readonly [K in Op]: Rule } = {
  Conv: (node, [, kernel]) => perOutput(node, sizeOf(kernel!.slice(1) as readonly number[])), // weights have no batch
  Gemm: (node, [, kernel]) =>
    perOutput(node, (kernel as readonly number[])[(node as Node<"Gemm">).attrs.transB ? 1 : 0]!),

  Input: none,
  Weight: none,
  Constant: none,
  Rescaling: none,
  Normalization: none,
  Pad: none,
  OnesPlane: none,
  Concat: none,
  BatchNormalization: none,
  Relu: none,
  Clip: none,
  Sigmoid: none,
  Tanh: none,
  Silu: none,
  Softmax: none,
  GlobalAveragePool: none,
  GlobalMaxPool: none,
  Flatten: none,
  Reshape: none,
  Dropout: none,
  Add: none,
  Sub: none,
  Mul: none,
  Div: none,
  Sqrt: none,
  ReduceSum: none,
  ReduceMax: none,
  GreaterOrEqual: none,
  SoftmaxCrossEntropy: none,
  SoftmaxCrossEntropyGrad: none,
  ConvInputGrad: none,
  ConvWeightGrad: none,
  Crop: none,
  GlobalAveragePoolGrad: none,
  GlobalMaxPoolGrad: none,
  PixelDot: none,
  ImageAffine: none,
  ChannelMean: none,
  ChannelMeanGrad: none,
  ChannelSum: none,
  ChannelDot: none,
  ChannelAffine: none,
  ReluGrad: none,
  ClipGrad: none,
  SigmoidGrad: none,
  TanhGrad: none,
  SiluGrad: none,
};

/** Of one node, whose inputs have these shapes. */
export const multiplyAdds = (node: Node, inputs: readonly Shape[]): number => rules[node.op](node, inputs);
