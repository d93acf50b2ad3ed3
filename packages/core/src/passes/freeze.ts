/** Tells which weights of a graph train; nothing else changes. */
import { type Graph, isOp } from "../graph/graph.js";
import { rewrite } from "../graph/rewrite.js";

/** The graph in which just `trained` are trainable. Throws `GraphError` for a graph that does not fit together. */
export function freezeAllBut(graph: Graph, trained: readonly string[]): Graph {
  const names = new Set(trained);
  return rewrite(graph, (net, node) => {
    if (!isOp(node, "Weight")) return false;
    net.add("Weight", node.name, [], { ...node.attrs, trainable: names.has(node.name) });
    return true;
  });
}
