/**
 * Reverse-mode rules, one per operator.
 *
 * A rule gets a node and `dy`, the gradient of the loss by the node's output (same shape). It adds the nodes of the
 * gradient by each input and returns their names in input order, null where there is none. Rules build everything;
 * what no output reaches is dropped by `build`, so a frozen weight costs nothing.
 */
import type { GraphBuilder, Node, Shape } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";

export type Gradients = readonly (string | null)[];
export type GradientRule<K extends Op> = (net: GraphBuilder, node: Node<K>, dy: string) => Gradients;

/**
 * What heads consist of has a rule. Null: no gradient flows through (a weight, a constant, an operator that is itself a
 * gradient), or nobody has needed it yet: convolutions, normalizations and pools come with fine-tuning, and Softmax is
 * trained by its logits.
 */
export const gradientRules: { readonly [K in Op]: GradientRule<K> | null } = {
  Input: null,
  Weight: null,

  Rescaling: null,
  Normalization: null,
  Pad: null,
  OnesPlane: null,
  Concat: null,

  Conv: null,
  BatchNormalization: null,
  Relu: (net, { name, inputs: [x] }, dy) => [net.add("ReluGrad", `${name}/dx`, [x!, dy], {})],
  Clip: (net, { name, inputs: [x], attrs }, dy) => [net.add("ClipGrad", `${name}/dx`, [x!, dy], attrs)],
  Sigmoid: (net, { name }, dy) => [net.add("SigmoidGrad", `${name}/dx`, [name, dy], {})],
  Tanh: (net, { name }, dy) => [net.add("TanhGrad", `${name}/dx`, [name, dy], {})],
  /** dx = dy · σ(x) · (1 + x · (1 − σ(x))) */
  Silu: (net, { name, inputs: [x] }, dy) => [net.add("SiluGrad", `${name}/dx`, [x!, name, dy], {})],
  Softmax: null,

  GlobalAveragePool: null,
  GlobalMaxPool: null,
  Flatten: (net, { name, inputs: [x] }, dy) => [net.add("Reshape", `${name}/dx`, [dy], { shape: net.shape(x!) })],
  Reshape: (net, { name, inputs: [x] }, dy) => [net.add("Reshape", `${name}/dx`, [dy], { shape: net.shape(x!) })],
  /** The operator is the identity; where it shall drop, `maskDropout` has put a product in its place. */
  Dropout: (_net, _node, dy) => [dy],

  Add: (net, { name, inputs: [a, b] }, dy) => [
    sumTo(net, `${name}/da`, dy, net.shape(a!)),
    sumTo(net, `${name}/db`, dy, net.shape(b!)),
  ],
  Mul(net, { name, inputs }, dy) {
    const [a, b] = inputs as [string, string];
    const [da, db] = [`${name}/da`, `${name}/db`];
    return [
      sumTo(net, da, net.add("Mul", `${da}:product`, [dy, b], {}), net.shape(a)),
      sumTo(net, db, net.add("Mul", `${db}:product`, [dy, a], {}), net.shape(b)),
    ];
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
  Constant: null,

  /** By the logits; targets and scale are given, not learnt. */
  SoftmaxCrossEntropy(net, { name, inputs }, dy) {
    const [logits, targets, scale] = inputs as [string, string, string];
    const scaled = net.add("Mul", `${name}/scale`, [scale, dy], {});
    return [net.add("SoftmaxCrossEntropyGrad", `${name}/dlogits`, [logits, targets, scaled], {}), null, null];
  },
  SoftmaxCrossEntropyGrad: null,
  ReluGrad: null,
  ClipGrad: null,
  SigmoidGrad: null,
  TanhGrad: null,
  SiluGrad: null,
};

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
