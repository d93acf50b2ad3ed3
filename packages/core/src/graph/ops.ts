/**
 * The operators of our graph, and the attributes of each. They say *what* is computed; names and attributes are ONNX's
 * (opset 17) where ONNX has the operator, Keras' for its preprocessing layers. `Input` and `Weight` become graph inputs
 * and initializers.
 *
 * To add an operator, add a line here; the compiler then asks for its rule in every table
 * (`graph/shapes.ts`, `passes/gradients.ts`, `lower/inference.ts`, `lower/training.ts`).
 */
import type { Shape } from "./graph.js";

type None = Record<never, never>;

/** Along [H, W]. */
export type Pair = readonly [number, number];

/** ONNX order: [top, left, bottom, right]. */
export type Pads = readonly [number, number, number, number];

export interface ConvAttrs {
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly group: number;
}

export interface Ops {
  Input: { readonly shape: Shape };
  /** `trainable`: counted so by Keras; the statistics of a normalization are not. */
  Weight: { readonly shape: readonly number[]; readonly trainable: boolean };

  /** x · scale + offset, each one number or one per channel: 1 channel becomes 3 where there are 3 numbers. */
  Rescaling: { readonly scale: readonly number[]; readonly offset: readonly number[] };
  /** (x, mean [1, C, 1, 1], variance [1, C, 1, 1]) → (x − mean) / max(√variance, 1e-7), as Keras' layer; its third weight, count [], may follow. */
  Normalization: None;
  /** Zeros around the map, as `ZeroPadding2D`. */
  Pad: { readonly pads: Pads };
  /** A plane of ones [N, 1, H, W] of x's extents: what carries a constant that zero padding must switch off. */
  OnesPlane: None;
  Concat: { readonly axis: number };

  /** (x, kernel [M, C / group, k, k], bias [M], sum) → x ∗ kernel + bias + sum; `sum`, of the output's shape, and bias may be absent. */
  Conv: ConvAttrs;
  /** `momentum`: what training keeps of the running statistics at each step; inference does not read it. */
  BatchNormalization: { readonly epsilon: number; readonly momentum: number };
  Relu: None;
  /** Limits values to min … max; ReLU6 is 0 … 6. */
  Clip: { readonly min: number; readonly max: number };
  Sigmoid: None;
  Tanh: None;
  /** x · sigmoid(x). */
  Silu: None;
  /** Over the last axis. */
  Softmax: None;

  GlobalAveragePool: None;
  GlobalMaxPool: None;
  Flatten: None;
  Reshape: { readonly shape: Shape };
  /** The identity in inference; `noise` is the extent that shares one decision: an element, or a whole sample. */
  Dropout: { readonly rate: number; readonly noise: "element" | "sample" };

  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Sqrt: None;
  /** (x [N, C], w [C, K], bias [K]) → x·w + bias. With transA, transB: the transpose of x, of w; bias may be absent. */
  Gemm: { readonly transA: 0 | 1; readonly transB: 0 | 1 };
  ReduceSum: { readonly axes: readonly number[]; readonly keepdims: 0 | 1 };
  ReduceMax: { readonly axes: readonly number[]; readonly keepdims: 0 | 1 };
  /** (a, b) → 1 where a ≥ b, else 0. */
  GreaterOrEqual: None;
  /** Numbers that no training changes, in row-major order. */
  Constant: { readonly shape: readonly number[]; readonly value_floats: readonly number[] };

  /** (logits [N, K], targets [N, K], scale []) → scale · Σ over all rows of −Σ targets · log softmax(logits), []. */
  SoftmaxCrossEntropy: None;
  /** The gradient of SoftmaxCrossEntropy by the logits: scale · (softmax(logits) · Σ targets − targets), [N, K]. */
  SoftmaxCrossEntropyGrad: None;
  /** (dy, kernel, sum) → what `Conv`'s output sends back to its input of `extents` [H, W]; plus `sum`, if there. */
  ConvInputGrad: ConvAttrs & { readonly extents: Pair };
  /** (x, dy) → the gradient by `Conv`'s kernel of the window `kernel` [k, k]. */
  ConvWeightGrad: ConvAttrs & { readonly kernel: Pair };
  /** The gradient of Pad: what lies inside the pads. */
  Crop: { readonly pads: Pads };
  /** (dy [N, C, 1, 1]) → dy / (H·W) at every pixel of the map of `extents` [H, W]. */
  GlobalAveragePoolGrad: { readonly extents: Pair };
  /** (x, y, dy) → dy where x is the largest of its map, in equal parts where several are. */
  GlobalMaxPoolGrad: None;
  /** (a, b [N, C, H, W]) → Σ over the pixels of a · b, [N, C, 1, 1]: the gradient by a gate. */
  PixelDot: None;
  /** (x [N, C, H, W], scale, shift [N, C, 1, 1]) → x · scale + shift. */
  ImageAffine: None;

  /** (x [N, C, H, W]) → the mean over images and pixels, [C]. */
  ChannelMean: None;
  /** (x, dy [C]) → the gradient of ChannelMean: dy / (N·H·W) at every pixel. */
  ChannelMeanGrad: None;
  /** (dy [N, C, H, W]) → the sum over images and pixels, [C]: the gradient by a bias. */
  ChannelSum: None;
  /** (a, b [N, C, H, W]) → Σ over images and pixels of a · b, [C]. */
  ChannelDot: None;
  /** (x [N, C, H, W], scale [C], shift [C]) → x · scale + shift. */
  ChannelAffine: None;

  /** (x, dy) → dy where x > 0, else 0. */
  ReluGrad: None;
  /** (x, dy) → dy where min < x < max, else 0. */
  ClipGrad: { readonly min: number; readonly max: number };
  /** (y, dy) → dy · y · (1 − y), with y = sigmoid(x). */
  SigmoidGrad: None;
  /** (y, dy) → dy · (1 − y²), with y = tanh(x). */
  TanhGrad: None;
  /** (x, y, dy) → dx, with y = Silu(x), which is saved anyway. */
  SiluGrad: None;
}

export type Op = keyof Ops;
