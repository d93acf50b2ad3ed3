/** Which classes an image may be of, told by the graph itself. */
import { GraphError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";

/** What the output is called. */
export const predictionSet = "set";

/**
 * Adds the output `set` [N, classes]: 1 where the class' probability in the model's first output reaches its threshold, and for
 * the most probable class, else 0 (`conformalSet`). Throws `GraphError` for another number of thresholds.
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
  const reached = net.add("GreaterOrEqual", `${predictionSet}/reached`, [predictions, limits], {});
  const most = net.add("ReduceMax", `${predictionSet}/most`, [predictions], { axes: [1], keepdims: 1 });
  const isMost = net.add("GreaterOrEqual", `${predictionSet}/is_most`, [predictions, most], {});
  const either = net.add("Add", `${predictionSet}/either`, [reached, isMost], {});
  const set = net.add("Clip", predictionSet, [either], { min: 0, max: 1 });
  return bind(net.build([...graph.outputs, set]), weights);
}
