/** What a training minimises, on top of the logits. */
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder, isOp, nodeOf } from "../graph/graph.js";

/**
 * Adds the inputs `targets`, of the logits' shape (probabilities, times the weight of their image), and `scale`, [], and the
 * node `loss`, Σ −Σ targets · log softmax(logits), times scale. Outputs: loss, logits.
 */
export function addLoss(graph: Graph, logits: string): Graph {
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);
  net.add("Input", "targets", [], { shape: net.shape(logits) });
  net.add("Input", "scale", [], { shape: [] });
  net.add("SoftmaxCrossEntropy", "loss", [logits, "targets", "scale"], {});
  return net.build(["loss", logits]);
}

/** The node that a head's softmax reads. Throws `GraphError` for a graph that does not end in one. */
export function logitsOf(head: Graph): string {
  const output = nodeOf(head, head.outputs[0]!);
  if (isOp(output, "Softmax")) return output.inputs[0]!;
  throw new GraphError(`${output.name} (${output.op}): expected a head that ends in Softmax`);
}
