/**
 * Folds each BatchNormalization into the convolution before it. In inference it is affine per channel, so
 *
 *   γ·(w ∗ x + b − μ)/√(σ² + ε) + β  =  (s·w) ∗ x + (β + s·(b − μ)),   s = γ/√(σ² + ε)
 *
 * Exact up to float32 rounding; computed in float64.
 */
import { type Graph, isOp, type Layer, type Node, nodesOf, readersOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import type { Tensor } from "../graph/tensor.js";

/**
 * Folds every BatchNormalization that alone reads a convolution whose weights nothing else reads; others stay as they are.
 * The convolution moves to the normalization's name, so that its readers find it; both layers become one `Conv2D` (or
 * `DepthwiseConv2D`) of that name. The kernel keeps its name, the new bias is `<normalization>/bias`.
 */
export function foldBatchNorm(model: Model): Model {
  const pairs = foldable(model.graph);
  const byNorm = new Map(pairs.map((pair) => [pair.norm.name, pair]));
  const moved = new Set(pairs.flatMap(({ conv }) => [conv.name, conv.inputs[1]!]));

  const weights = new Map(model.weights);
  const graph = rewrite(model.graph, (net, node) => {
    const pair = byNorm.get(node.name);
    if (!pair) return moved.has(node.name);
    const { conv } = pair;
    const [x, kernel] = conv.inputs as [string, string]; // every Conv has both
    const bias = `${node.name}/bias`;
    const values = foldConv(model, pair);
    weights.set(kernel, values.kernel).set(bias, values.bias);
    net.within(foldedLayer(pair), () => {
      net.add("Weight", kernel, [], { shape: values.kernel.shape, trainable: true });
      net.add("Weight", bias, [], { shape: values.bias.shape, trainable: true });
      net.add("Conv", node.name, [x, kernel, bias], conv.attrs);
    });
    return true;
  });
  return bind(graph, weights);
}

interface Pair {
  readonly conv: Node<"Conv">;
  readonly norm: Node<"BatchNormalization">;
}

function foldable(graph: Graph): Pair[] {
  return nodesOf(graph, "BatchNormalization").flatMap((norm) => {
    const conv = graph.nodes.get(norm.inputs[0]!)!;
    if (!isOp(conv, "Conv") || isShared(graph, conv.name)) return [];
    const weights = [...conv.inputs.slice(1), ...norm.inputs.slice(1)].map((name) => graph.nodes.get(name)!);
    const hasOwnKernel = !isShared(graph, conv.inputs[1]!);
    return hasOwnKernel && weights.every((node) => isOp(node, "Weight")) ? [{ conv, norm }] : [];
  });
}

const isShared = (graph: Graph, name: string) => readersOf(graph, name).length > 1 || graph.outputs.includes(name);

/** The last node of a layer bears its name: the normalization's, of the convolution's class. */
const foldedLayer = ({ conv, norm }: Pair): Layer | undefined =>
  conv.layer && norm.layer && { name: norm.layer.name, className: conv.layer.className };

function foldConv(model: Model, { conv, norm }: Pair): { kernel: Tensor; bias: Tensor } {
  const [gamma, beta, mean, variance] = norm.inputs.slice(1).map((name) => weightOf(model, name).data);
  const kernel = weightOf(model, conv.inputs[1]!);
  const bias = conv.inputs[2] === undefined ? undefined : weightOf(model, conv.inputs[2]).data;
  const filters = kernel.shape[0]!;
  const perFilter = kernel.data.length / filters;
  const scaled = new Float32Array(kernel.data.length);
  const shifted = new Float32Array(filters);
  for (let m = 0; m < filters; m++) {
    const scale = gamma![m]! / Math.sqrt(variance![m]! + norm.attrs.epsilon);
    for (let i = m * perFilter; i < (m + 1) * perFilter; i++) scaled[i] = kernel.data[i]! * scale;
    shifted[m] = beta![m]! + scale * ((bias?.[m] ?? 0) - mean![m]!);
  }
  return { kernel: { shape: kernel.shape, data: scaled }, bias: { shape: [filters], data: shifted } };
}
