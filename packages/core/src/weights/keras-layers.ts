/** A model as the list of Keras layers that Keras' weight files are made of. */
import { WeightsError } from "../errors.js";
import { type Graph, isOp, type Layer } from "../graph/graph.js";
import { type Model, weightOf } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { toKeras } from "./layout.js";

/** A layer with its variables in the order in which Keras creates them. */
export interface KerasLayer extends Layer {
  /** By Keras 3's names (`kernel`, `gamma`), in Keras' layout (HWIO kernels). Empty for a layer without weights. */
  readonly variables: readonly (readonly [variable: string, tensor: Tensor])[];
}

/** Of any layer of ours, the variables in the order in which its class creates them. */
const creationOrder = [
  "kernel",
  "gamma",
  "bias",
  "beta",
  "moving_mean",
  "moving_variance",
  "mean",
  "variance",
  "count",
];

/**
 * Every layer of a model in Keras' order, also those without weights.
 * Throws `WeightsError` for a node that belongs to no layer, which a fold or a cut has made: Keras has no such layer.
 */
export function kerasLayers(model: Model): KerasLayer[] {
  const layers = layersOf(model.graph);
  return [...layers.values()].map(({ name, className, weights }) => {
    const variables = weights.map((weight) => {
      const variable = variableOf(name, weight);
      return [variable, toKeras(className, variable, weightOf(model, weight))] as const;
    });
    variables.sort(([a], [b]) => creationOrder.indexOf(a) - creationOrder.indexOf(b));
    return { name, className, variables };
  });
}

/** Each layer of the graph, at the place of its first node, with the names of its weights. */
function layersOf({ nodes }: Graph): ReadonlyMap<string, Layer & { readonly weights: string[] }> {
  const layers = new Map<string, Layer & { readonly weights: string[] }>();
  for (const node of nodes.values()) {
    const { layer } = node;
    if (!layer) throw new WeightsError(`${node.name} (${node.op}): belongs to no layer, so no Keras file can hold it`);
    const known = layers.get(layer.name) ?? { ...layer, weights: [] };
    if (isOp(node, "Weight")) known.weights.push(node.name);
    layers.set(layer.name, known);
  }
  return layers;
}

function variableOf(layer: string, weight: string): string {
  const variable = weight.slice(layer.length + 1);
  if (weight.startsWith(`${layer}/`) && creationOrder.includes(variable)) return variable;
  throw new WeightsError(`${weight}: expected ${layer}/ and one of ${creationOrder.join(", ")}`);
}
