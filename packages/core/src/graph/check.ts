/** Whether a graph holds together: what every pass leaves behind. */
import { GraphError } from "../errors.js";
import type { Graph } from "./graph.js";
import { rewrite } from "./rewrite.js";
import { showShape } from "./tensor.js";

/** Throws `GraphError` where names, order, inputs, shapes or outputs are not what building the graph anew gives. */
export function check(graph: Graph): void {
  const rebuilt = rewrite(graph, () => false);
  for (const [key, node] of graph.nodes) {
    if (key !== node.name) throw new GraphError(`${node.name} (${node.op}): stands under the name "${key}"`);
    const again = rebuilt.nodes.get(node.name);
    if (!again) throw new GraphError(`${node.name} (${node.op}): no output reaches this node`);
    if (showShape(again.shape) !== showShape(node.shape)) {
      throw new GraphError(
        `${node.name} (${node.op}): shape ${showShape(node.shape)}, traced ${showShape(again.shape)}`,
      );
    }
  }
}
