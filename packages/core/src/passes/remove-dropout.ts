/** Leaves layers out that drop values in training and are the identity else. */
import { type Graph, GraphBuilder, isOp, type Node } from "../graph/graph.js";

/** The graph without the Dropouts for which `isUnwanted` holds; what read them reads what they read. */
export function removeDropout(graph: Graph, isUnwanted: (node: Node<"Dropout">) => boolean): Graph {
  const net = new GraphBuilder();
  const renamed = new Map<string, string>();
  const now = (name: string): string => renamed.get(name) ?? name;
  for (const node of graph.nodes.values()) {
    if (isOp(node, "Dropout") && isUnwanted(node)) renamed.set(node.name, now(node.inputs[0]!));
    else net.copy({ ...node, inputs: node.inputs.map(now) });
  }
  return net.build(graph.outputs.map(now));
}
