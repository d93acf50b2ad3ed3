/** Joining two models: what the first gives, the second reads. */
import { GraphError } from "../errors.js";
import { GraphBuilder, nodeOf, nodesOf } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { showShape } from "../graph/tensor.js";

/** Puts `head` on the one output of `trunk`. Throws `GraphError` where shapes or names collide. */
export function join(trunk: Model, head: Model): Model {
  const [output, ...others] = trunk.graph.outputs;
  const inputs = nodesOf(head.graph, "Input");
  const [input] = inputs;
  if (output === undefined || others.length > 0 || !input || inputs.length > 1) {
    const counts = `${trunk.graph.outputs.length} outputs, ${inputs.length} inputs`;
    throw new GraphError(`join: expected a trunk with one output and a head with one input, got ${counts}`);
  }
  const [given, read] = [nodeOf(trunk.graph, output).shape, input.shape].map(showShape);
  if (given !== read) throw new GraphError(`join: ${output} gives ${given}, ${input.name} reads ${read}`);

  const net = new GraphBuilder();
  for (const node of trunk.graph.nodes.values()) net.copy(node);
  for (const node of head.graph.nodes.values()) {
    if (node === input) continue;
    net.copy({ ...node, inputs: node.inputs.map((name) => (name === input.name ? output : name)) });
  }
  const graph = net.build(head.graph.outputs.map((name) => (name === input.name ? output : name)));
  return bind(graph, new Map([...trunk.weights, ...head.weights]));
}
