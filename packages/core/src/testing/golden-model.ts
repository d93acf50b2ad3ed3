/** A network with the weights of the golden fixtures. */

import type { Graph } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { expectedWeights } from "../weights/expected-weights.js";
import { fromKeras, toKerasShape } from "../weights/layout.js";
import { variableOfWeight } from "../weights/weight-name.js";
import { goldenWeight } from "./golden-values.js";

export function goldenModel(graph: Graph): Model {
  const weights = expectedWeights(graph).map(({ name, className, shape }) => {
    const variable = variableOfWeight(name);
    const kerasShape = toKerasShape(className, variable, shape);
    return [name, fromKeras(className, variable, { shape: kerasShape, data: goldenWeight(name, kerasShape) })] as const;
  });
  return bind(graph, new Map(weights));
}
