/** The graph of a head: from features to the probabilities of the classes. */
import { type Graph, GraphBuilder } from "../../graph/graph.js";
import type { Model, Weights } from "../../graph/model.js";
import { sizeOf } from "../../graph/tensor.js";
import { dense, single } from "../../models/layers.js";
import { SeededRandom } from "../../seeded-random.js";
import { expectedWeights } from "../../weights/expected-weights.js";
import { type HeadLayer, headActivations } from "./head-spec.js";

/** Input and output of every head. */
export const headInput = "features";
export const headOutput = "predictions";

/**
 * `features` [N, D] → `predictions` [N, classes], softmax. The layers bear Keras' names, numbered from the second of a kind
 * on: `flatten`, `dense`, `dropout`, `dense_1`, …; the classifier is `predictions`, as in `keras.applications`.
 */
export function buildHead(layers: readonly HeadLayer[], featureCount: number, classes: number): Graph {
  const net = new GraphBuilder();
  let x = single(net, "InputLayer", "Input", headInput, [], { shape: ["N", featureCount] });
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const count = counts.get(layer.kind) ?? 0;
    counts.set(layer.kind, count + 1);
    x = addLayer(net, x, count === 0 ? layer.kind : `${layer.kind}_${count}`, layer);
  }
  return net.build([dense(net, x, headOutput, classes, { op: "Softmax" })]);
}

function addLayer(net: GraphBuilder, x: string, name: string, layer: HeadLayer): string {
  switch (layer.kind) {
    case "flatten":
      return single(net, "Flatten", "Flatten", name, [x], {});
    case "dropout":
      return single(net, "Dropout", "Dropout", name, [x], { rate: layer.rate, noise: "element" });
    case "dense":
      return dense(net, x, name, layer.units, headActivations[layer.activation]);
  }
}

/** A head with initial weights, as Keras draws those of `Dense`; the same seed gives the same head. */
export const initialHead = (graph: Graph, seed: number): Model => ({ graph, weights: glorotUniform(graph, seed) });

/**
 * Kernels [inputs, units] uniform within ±√(6 / (inputs + units)), biases 0.
 * Source: Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html, eq. 16; Keras' default for `Dense`.
 */
function glorotUniform(graph: Graph, seed: number): Weights {
  const weights = expectedWeights(graph).map(({ name, shape }) => {
    const random = new SeededRandom(seed, name);
    const limit = shape.length === 1 ? 0 : Math.sqrt(6 / (shape[0]! + shape[1]!));
    const data = Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * random.next() - 1));
    return [name, { shape, data }] as const;
  });
  return new Map(weights);
}
