/** A temperature that costs nothing: the weights in front of the softmax carry it. */
import { GraphError } from "../errors.js";
import { isOp, nodeOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { logitsOf } from "./add-loss.js";

/**
 * The same classifier with its logits times `factor`: softmax(x·(kernel · factor) + bias · factor), so that every format keeps it.
 * Exact up to float32 rounding. Throws `GraphError` where the softmax reads no dense layer of its own weights.
 */
export function scaleLogits(model: Model, factor: number): Model {
  const logits = nodeOf(model.graph, logitsOf(model.graph));
  const [, ...weights] = logits.inputs;
  if (!isOp(logits, "Gemm") || weights.some((name) => !isOp(nodeOf(model.graph, name), "Weight"))) {
    throw new GraphError(`${logits.name} (${logits.op}): expected logits of a dense layer, to scale its weights`);
  }
  const scaled = weights.map((name) => {
    const { shape, data } = weightOf(model, name);
    return [name, { shape, data: data.map((value) => value * factor) }] as const;
  });
  return bind(model.graph, new Map([...model.weights, ...scaled]));
}
