/**
 * Reverse-mode rules, one per operator.
 *
 * A rule gets a node and `dy`, the gradient of the loss by the node's output (same shape). It adds the nodes of the
 * gradient by each input and returns their names in input order, null where there is none. Rules build everything;
 * what no output reaches is dropped by `build`, so a frozen weight costs nothing.
 */
import type { Extent, GraphBuilder, Node, Shape } from "../graph/graph.js";
import type { Op, Pair } from "../graph/ops.js";
import { showShape } from "../graph/tensor.js";

/** Nodes that are the gradients by each input, in order; null where there is none. */
export type Gradients = readonly (string | null)[];
/** Adds the nodes of the gradients by the inputs of `node`, from `dy`, that by its output. */
export type GradientRule<K extends Op> = (net: GraphBuilder, node: Node<K>, dy: string) => Gradients;

/**
 * Null: no gradient flows through: what has no input, an operator that is itself a gradient (there are no second
 * derivatives), Concat and OnesPlane, which only stand before the stem, where nothing is trained; Softmax is trained by its logits.
 */
export const gradientRules: { readonly [K in Op]: GradientRule<K> | null } = {
  Input: null,
  Weight: null,

  Rescaling(net, { name, inputs: [x], attrs: { scale } }, dy) {
    const dx = net.add("Rescaling", `${name}/dx:scaled`, [dy], { scale, offset: [0] });
    return [sumTo(net, `${name}/dx`, dx, net.shape(x!))];
  },
  /** By the image; the statistics are given. */
  Normalization(net, { name, inputs: [x, , variance] }, dy) {
    const zero = net.add("Sub", `${name}/dx:zero`, [variance!, variance!], {});
    const dx = net.add("Normalization", `${name}/dx:scaled`, [dy, zero, variance!], {});
    return [sumTo(net, `${name}/dx`, dx, net.shape(x!)), null, null, null];
  },
  Pad: (net, { name, attrs }, dy) => [net.add("Crop", `${name}/dx`, [dy], attrs)],
  OnesPlane: null,
  Concat: null,

  /**
   * y[m, p] = Σ_{c, t} w[m, c, t] · x[c, s·p + d·t − pad]: by x a convolution of dy with the taps reversed, by w one of x with dy
   * as the filter. Lowerings know how.
   */
  Conv(net, { name, inputs, attrs }, dy) {
    const [x, w, bias, sum] = inputs as [string, string, string?, string?];
    const [extents, kernel] = [lastTwo(net.shape(x)), lastTwo(net.shape(w))];
    const dx = net.add("ConvInputGrad", `${name}/dx`, [dy, w], { ...attrs, extents });
    const dw = net.add("ConvWeightGrad", `${name}/dw`, [x, dy], { ...attrs, kernel });
    if (bias === undefined) return [dx, dw];
    const db = net.add("ChannelSum", `${name}/db`, [dy], {});
    return sum === undefined ? [dx, dw, db] : [dx, dw, db, dy];
  },
  /**
   * y = γ·(x − μ)·r + β, r = 1/√(σ² + ε), by all five; μ and σ² may be weights, or the batch's own. With
   * D = Σ dy·(x − μ): dγ = D·r, dβ = Σ dy, dx = dy·γ·r, dμ = −γ·r·Σ dy, dσ² = −½·γ·r³·D.
   */
  BatchNormalization(net, { name, inputs, attrs: { epsilon } }, dy) {
    const [x, gamma, , mean, variance] = inputs as [string, string, string, string, string];
    const vector = (op: "Add" | "Sub" | "Mul" | "Div", part: string, a: string, b: string) =>
      net.add(op, `${name}/${part}`, [a, b], {});
    const constant = (part: string, value: number) =>
      net.add("Constant", `${name}/${part}`, [], { shape: [1], value_floats: [value] });
    const zeros = vector("Sub", "zeros", gamma, gamma);
    const ones = vector("Add", "ones", zeros, constant("one", 1));
    const shifted = vector("Add", "shifted", variance, constant("epsilon", epsilon));
    const r = vector("Div", "r", ones, net.add("Sqrt", `${name}/deviation`, [shifted], {}));
    const scale = vector("Mul", "scale", gamma, r);
    const minusMean = vector("Sub", "minusMean", zeros, mean);
    const centred = net.add("ChannelAffine", `${name}/centred`, [x, ones, minusMean], {});
    const dot = net.add("ChannelDot", `${name}/dot`, [dy, centred], {}); // D
    const dbeta = net.add("ChannelSum", `${name}/dbeta`, [dy], {});
    const dx = net.add("ChannelAffine", `${name}/dx`, [dy, scale, zeros], {});
    const dmean = vector("Sub", "dmean", zeros, vector("Mul", "dmean:product", scale, dbeta));
    const factor = vector("Mul", "factor", vector("Mul", "r2", r, r), constant("minusHalf", -0.5));
    const dvariance = vector("Mul", "dvariance", vector("Mul", "scaled", scale, factor), dot);
    return [dx, vector("Mul", "dgamma", dot, r), dbeta, dmean, dvariance];
  },
  Relu: (net, { name, inputs: [x] }, dy) => [net.add("ReluGrad", `${name}/dx`, [x!, dy], {})],
  Clip: (net, { name, inputs: [x], attrs }, dy) => [net.add("ClipGrad", `${name}/dx`, [x!, dy], attrs)],
  Sigmoid: (net, { name }, dy) => [net.add("SigmoidGrad", `${name}/dx`, [name, dy], {})],
  Tanh: (net, { name }, dy) => [net.add("TanhGrad", `${name}/dx`, [name, dy], {})],
  /** dx = dy · σ(x) · (1 + x · (1 − σ(x))) */
  Silu: (net, { name, inputs: [x] }, dy) => [net.add("SiluGrad", `${name}/dx`, [x!, name, dy], {})],
  Softmax: null,

  GlobalAveragePool: (net, { name, inputs: [x] }, dy) => [
    net.add("GlobalAveragePoolGrad", `${name}/dx`, [dy], { extents: lastTwo(net.shape(x!)) }),
  ],
  GlobalMaxPool: (net, { name, inputs: [x] }, dy) => [net.add("GlobalMaxPoolGrad", `${name}/dx`, [x!, name, dy], {})],
  Flatten: (net, { name, inputs: [x] }, dy) => [net.add("Reshape", `${name}/dx`, [dy], { shape: net.shape(x!) })],
  Reshape: (net, { name, inputs: [x] }, dy) => [net.add("Reshape", `${name}/dx`, [dy], { shape: net.shape(x!) })],
  /** The operator is the identity; where it shall drop, `maskDropout` has put a product in its place. */
  Dropout: (_net, _node, dy) => [dy],

  Add: (net, { name, inputs: [a, b] }, dy) => [
    sumTo(net, `${name}/da`, dy, net.shape(a!)),
    sumTo(net, `${name}/db`, dy, net.shape(b!)),
  ],
  Sub: (net, { name, inputs: [a, b] }, dy) => {
    const negative = net.add("Mul", `${name}/db:negative`, [dy, minusOne(net, name)], {});
    return [sumTo(net, `${name}/da`, dy, net.shape(a!)), sumTo(net, `${name}/db`, negative, net.shape(b!))];
  },
  Mul(net, { name, inputs }, dy) {
    const [a, b] = inputs as [string, string];
    return [productTo(net, `${name}/da`, [dy, b], a), productTo(net, `${name}/db`, [dy, a], b)];
  },
  /** y = a / b: da = dy / b, db = −dy · y / b. */
  Div(net, { name, inputs }, dy) {
    const [a, b] = inputs as [string, string];
    const da = net.add("Div", `${name}/da:quotient`, [dy, b], {});
    const product = net.add(
      "Mul",
      `${name}/db:product`,
      [net.add("Mul", `${name}/db:part`, [da, name], {}), minusOne(net, name)],
      {},
    );
    return [sumTo(net, `${name}/da`, da, net.shape(a)), sumTo(net, `${name}/db`, product, net.shape(b))];
  },
  /** dx = dy / (2·√x) */
  Sqrt(net, { name }, dy) {
    const half = net.add("Constant", `${name}/half`, [], { shape: [1], value_floats: [0.5] });
    return [net.add("Div", `${name}/dx`, [net.add("Mul", `${name}/dx:half`, [dy, half], {}), name], {})];
  },
  /**
   * y = X·W + bias, where X is x or its transpose, W is w or its transpose:
   * dX = dy·Wᵀ, dW = Xᵀ·dy; where x or w was transposed, the product's factors change places and the result is transposed.
   */
  Gemm(net, { name, inputs, attrs: { transA, transB } }, dy) {
    const [x, w, bias] = inputs as [string, string, string?];
    const dx = transA
      ? net.add("Gemm", `${name}/dx`, [w, dy], { transA: transB, transB: 1 })
      : net.add("Gemm", `${name}/dx`, [dy, w], { transA: 0, transB: transB ? 0 : 1 });
    const dw = transB
      ? net.add("Gemm", `${name}/dw`, [dy, x], { transA: 1, transB: transA })
      : net.add("Gemm", `${name}/dw`, [x, dy], { transA: transA ? 0 : 1, transB: 0 });
    return bias === undefined ? [dx, dw] : [dx, dw, sumTo(net, `${name}/db`, dy, net.shape(bias))];
  },
  ReduceSum: null,
  ReduceMax: null,
  GreaterOrEqual: null,
  Constant: null,

  /** By the logits; targets and scale are given, not learnt. */
  SoftmaxCrossEntropy(net, { name, inputs }, dy) {
    const [logits, targets, scale] = inputs as [string, string, string];
    const scaled = net.add("Mul", `${name}/scale`, [scale, dy], {});
    return [net.add("SoftmaxCrossEntropyGrad", `${name}/dlogits`, [logits, targets, scaled], {}), null, null];
  },
  SoftmaxCrossEntropyGrad: null,
  ConvInputGrad: null,
  ConvWeightGrad: null,
  Crop: null,
  GlobalAveragePoolGrad: null,
  GlobalMaxPoolGrad: null,
  PixelDot: null,
  ImageAffine: null,
  ChannelMean: (net, { name, inputs: [x] }, dy) => [net.add("ChannelMeanGrad", `${name}/dx`, [x!, dy], {})],
  ChannelMeanGrad: null,
  ChannelSum: null,
  ChannelDot(net, { name, inputs }, dy) {
    const [a, b] = inputs as [string, string];
    const zeros = net.add("Sub", `${name}/zeros`, [dy, dy], {});
    return [
      net.add("ChannelAffine", `${name}/da`, [b, dy, zeros], {}),
      net.add("ChannelAffine", `${name}/db`, [a, dy, zeros], {}),
    ];
  },
  ChannelAffine(net, { name, inputs }, dy) {
    const [x, scale] = inputs as [string, string];
    const zeros = net.add("Sub", `${name}/zeros`, [scale, scale], {});
    return [
      net.add("ChannelAffine", `${name}/dx`, [dy, scale, zeros], {}),
      net.add("ChannelDot", `${name}/dscale`, [dy, x], {}),
      net.add("ChannelSum", `${name}/dshift`, [dy], {}),
    ];
  },
  ReluGrad: null,
  ClipGrad: null,
  SigmoidGrad: null,
  TanhGrad: null,
  SiluGrad: null,
};

/** Height and width of a map [N, C, H, W] or a kernel [M, C, k, k]. */
function lastTwo(shape: Shape): Pair {
  const [, , height, width] = shape as readonly [Extent, number, number, number]; // the batch alone may be a symbol
  return [height, width];
}

const minusOne = (net: GraphBuilder, name: string) =>
  net.add("Constant", `${name}/minusOne`, [], { shape: [1], value_floats: [-1] });

/** The product, brought to the shape of `of`. A map times a map, by a gate [N, C, 1, 1], is one sum over the pixels. */
function productTo(net: GraphBuilder, name: string, [dy, other]: readonly [string, string], of: string): string {
  const [shape, full, target] = [net.shape(other), net.shape(dy), net.shape(of)].map(showShape);
  const isGate = net.shape(of).length === 4 && target === showShape([...net.shape(dy).slice(0, 2), 1, 1]);
  if (isGate && shape === full && target !== full) return net.add("PixelDot", name, [dy, other], {});
  return sumTo(net, name, net.add("Mul", `${name}:product`, [dy, other], {}), net.shape(of));
}

/**
 * What broadcasting copied, summed: `dy` brought to `shape`, which broadcasts to dy's. Axes that broadcasting put in front
 * disappear, those that it stretched become 1 again. The sum bears `name`; without one, `dy` itself is the result.
 */
function sumTo(net: GraphBuilder, name: string, dy: string, shape: Shape): string {
  const extents = net.shape(dy);
  const axesBefore = extents.length - shape.length;
  const before = Array.from({ length: axesBefore }, (_, axis) => axis);
  const stretched = [...shape.keys()].filter((axis) => shape[axis] === 1 && extents[axis + axesBefore] !== 1);
  let sum = dy;
  if (before.length > 0) {
    const isLast = stretched.length === 0;
    sum = net.add("ReduceSum", isLast ? name : `${name}:front`, [sum], { axes: before, keepdims: 0 });
  }
  if (stretched.length > 0) sum = net.add("ReduceSum", name, [sum], { axes: stretched, keepdims: 1 });
  return sum;
}
