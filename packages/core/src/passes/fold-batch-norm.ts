/**
 * Folds each BatchNormalization into the convolution before it. In inference it is affine per channel, so
 *
 *   γ·(w ∗ x + b − μ)/√(σ² + ε) + β  =  (s·w) ∗ x + (β + s·(b − μ)),   s = γ/√(σ² + ε)
 *
 * Exact up to float32 rounding; computed in float64.
 */
import { type Graph, isOp, type Layer, type Node, nodeOf, nodesOf, readersOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import type { Tensor } from "../graph/tensor.js";

/**
 * Folds every BatchNormalization that alone reads a convolution whose weights nothing else reads; others stay as they are.
 * The convolution moves to the normalization's name, so that its readers find it; both layers become one `Conv2D` (or
 * `DepthwiseConv2D`) of that name. The kernel keeps its name, the new bias is `<normalization>/bias`.
 */
export function foldBatchNorm(model: Model): Model {
  const pairs = normalizedConvs(model.graph);
  const byNorm = new Map(pairs.map((pair) => [pair.norm.name, pair]));
  const moved = new Set(pairs.flatMap(({ conv }) => [conv.name, conv.inputs[1]!]));

  const weights = new Map(model.weights);
  const graph = rewrite(model.graph, (net, node) => {
    const pair = byNorm.get(node.name);
    if (!pair) return moved.has(node.name);
    const { conv } = pair;
    const [x, kernel] = conv.inputs as [string, string]; // every Conv has both
    const { trainable } = (nodeOf(model.graph, kernel) as Node<"Weight">).attrs; // `normalizedConvs` checked it
    const bias = foldedBias(pair);
    for (const [name, tensor] of foldConv(model, pair)) weights.set(name, tensor);
    net.within(foldedLayer(pair), () => {
      for (const name of [kernel, bias]) {
        net.add("Weight", name, [], { shape: weights.get(name)!.shape, trainable });
      }
      net.add("Conv", node.name, [x, kernel, bias], conv.attrs);
    });
    return true;
  });
  return bind(graph, weights);
}

/** A convolution, and the normalization that alone reads it. */
export interface NormalizedConv {
  readonly conv: Node<"Conv">;
  readonly norm: Node<"BatchNormalization">;
}

/** Every pair that can be one convolution, in order. */
export function normalizedConvs(graph: Graph): NormalizedConv[] {
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
const foldedLayer = ({ conv, norm }: NormalizedConv): Layer | undefined =>
  conv.layer && norm.layer && { name: norm.layer.name, className: conv.layer.className };

/** The bias that a folded pair gets. */
export const foldedBias = ({ norm }: NormalizedConv) => `${norm.name}/bias`;

/** What `norm` does to filter m: y = scale · x + (beta − scale · mean). */
export function filterScales(model: Model, { norm }: NormalizedConv): number[] {
  const [gamma, , , variance] = norm.inputs.slice(1).map((name) => weightOf(model, name).data);
  return Array.from(gamma!, (value, m) => value / Math.sqrt(variance![m]! + norm.attrs.epsilon));
}

/** Kernel and bias of the one convolution that a pair becomes, by their names. */
export function foldConv(model: Model, pair: NormalizedConv): ReadonlyMap<string, Tensor> {
  const { conv, norm } = pair;
  const [, beta, mean] = norm.inputs.slice(1).map((name) => weightOf(model, name).data);
  const kernel = weightOf(model, conv.inputs[1]!);
  const bias = conv.inputs[2] === undefined ? undefined : weightOf(model, conv.inputs[2]).data;
  const filters = kernel.shape[0]!;
  const perFilter = kernel.data.length / filters;
  const scaled = new Float32Array(kernel.data.length);
  const shifted = new Float32Array(filters);
  for (const [m, scale] of filterScales(model, pair).entries()) {
    for (let i = m * perFilter; i < (m + 1) * perFilter; i++) scaled[i] = kernel.data[i]! * scale;
    shifted[m] = beta![m]! + scale * ((bias?.[m] ?? 0) - mean![m]!);
  }
  return new Map([
    [conv.inputs[1]!, { shape: kernel.shape, data: scaled }],
    [foldedBias(pair), { shape: [filters], data: shifted }],
  ]);
}
