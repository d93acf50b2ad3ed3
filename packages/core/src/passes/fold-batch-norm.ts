/**
 * Folds each BatchNormalization into the convolution before it. In inference it is affine per channel, so
 *
 *   γ·(w ∗ x + b − μ)/√(σ² + ε) + β  =  (s·w) ∗ x + (β + s·(b − μ)),   s = γ/√(σ² + ε)
 *
 * Exact up to float32 rounding; computed in float64.
 */
import { isOp, type Node, readersOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { rewrite } from "../graph/rewrite.js";
import type { Tensor } from "../graph/tensor.js";

/** Folds every BatchNormalization that is the only reader of a convolution; others stay as they are. */
export function foldBatchNorm(model: Model): Model {
  const { graph } = model;
  const weights = new Map(model.weights);
  const foldedInto = new Map<string, Node<"Conv">>();
  const foldedConvs = new Set<string>();
  for (const node of graph.nodes.values()) {
    const conv = isOp(node, "BatchNormalization") ? graph.nodes.get(node.inputs[0]!)! : undefined;
    if (!conv || !isOp(conv, "Conv") || readersOf(graph, conv.name).length > 1) continue;
    if (graph.outputs.includes(conv.name)) continue;
    foldedInto.set(node.name, conv);
    foldedConvs.add(conv.name);
  }

  const folded = rewrite(graph, (net, node) => {
    const conv = foldedInto.get(node.name);
    if (!conv) return foldedConvs.has(node.name);
    const bias = `${node.name}/bias`;
    const [x, kernel] = conv.inputs as [string, string];
    const values = foldConv(model, conv, node as Node<"BatchNormalization">); // the map's keys are these
    weights.set(kernel, values.kernel).set(bias, values.bias);
    net.add("Weight", bias, [], { shape: values.bias.shape, trainable: true });
    net.add("Conv", node.name, [x, kernel, bias], conv.attrs);
    return true;
  });
  return bind(folded, weights);
}

function foldConv(
  model: Model,
  conv: Node<"Conv">,
  { inputs, attrs: { epsilon } }: Node<"BatchNormalization">,
): { kernel: Tensor; bias: Tensor } {
  const [gamma, beta, mean, variance] = inputs.slice(1).map((name) => weightOf(model, name).data);
  const kernel = weightOf(model, conv.inputs[1]!);
  const bias = conv.inputs[2] === undefined ? undefined : weightOf(model, conv.inputs[2]).data;
  const filters = kernel.shape[0]!;
  const perFilter = kernel.data.length / filters;
  const scaled = new Float32Array(kernel.data.length);
  const shifted = new Float32Array(filters);
  for (let m = 0; m < filters; m++) {
    const scale = gamma![m]! / Math.sqrt(variance![m]! + epsilon);
    for (let i = m * perFilter; i < (m + 1) * perFilter; i++) scaled[i] = kernel.data[i]! * scale;
    shifted[m] = beta![m]! + scale * ((bias?.[m] ?? 0) - mean![m]!);
  }
  return { kernel: { shape: kernel.shape, data: scaled }, bias: { shape: [filters], data: shifted } };
}
