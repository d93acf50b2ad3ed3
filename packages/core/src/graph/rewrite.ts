/** Rebuilding a graph with some of its nodes replaced. */
import { type Graph, GraphBuilder, type Node } from "./graph.js";

/**
 * Rebuilds `graph`, re-tracing every shape. Where `replace` returns true it has added other nodes in the place of `node`
 * (they belong to its layer), the last one under `node.name`: readers of the name need no change.
 */
export function rewrite(
  graph: Graph,
  replace: (net: GraphBuilder, node: Node) => boolean,
  outputs: readonly string[] = graph.outputs,
): Graph {
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) {
    if (!net.within(node.layer, () => replace(net, node))) net.copy(node);
  }
  return net.build(outputs);
}
