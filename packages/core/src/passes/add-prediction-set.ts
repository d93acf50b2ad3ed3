/** Which classes an image may be of, told by the graph itself. */
import { GraphError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";

/** What the output is called. */
export const predictionSet = "set";

/**
 * Adds the output `set` [N, classes]: 1 where the class' probability in the model's first output reaches its threshold, else 0
 * (`fitConformalSets`). Throws `GraphError` for another number of thresholds.
 */
export function addPredictionSet({ graph, weights }: Model, thresholds: readonly number[]): Model {
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);
  const predictions = graph.outputs[0]!; // every graph has one
  const classes = net.shape(predictions).at(-1);
  if (classes !== thresholds.length) {
    throw new GraphError(`${predictionSet}: expected ${classes} thresholds, one a class, got ${thresholds.length}`);
  }
  const limits = net.add("Constant", `${predictionSet}/thresholds`, [], {
    shape: [thresholds.length],
    value_floats: thresholds,
  });
  const set = net.add("GreaterOrEqual", predictionSet, [predictions, limits], {});
  return bind(net.build([...graph.outputs, set]), weights);
}
