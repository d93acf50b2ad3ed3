/** Giving a model's input and output the names that those who run it expect. */
import { GraphError } from "../errors.js";
import { GraphBuilder, nodesOf } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";

/**
 * The same model, whose one input and one output are named so, and their layers too; another node of such a name gives way
 * (`predictions_inside`). Throws `GraphError` for more inputs or outputs.
 */
export function renameEnds(model: Model, names: { readonly input: string; readonly output: string }): Model {
  const { graph } = model;
  const [input, ...inputs] = nodesOf(graph, "Input");
  const [output, ...outputs] = graph.outputs;
  if (!input || output === undefined || inputs.length > 0 || outputs.length > 0) {
    const counts = `${nodesOf(graph, "Input").length} inputs, ${graph.outputs.length} outputs`;
    throw new GraphError(`renameEnds: expected one input and one output, got ${counts}`);
  }
  const renamed = new Map([
    ...[names.input, names.output].map((name) => [name, `${name}_inside`] as const),
    [input.name, names.input] as const,
    [output, names.output] as const,
  ]);
  const rename = (name: string) => renamed.get(name) ?? name;
  const net = new GraphBuilder();
  for (const { name, op, inputs, attrs, layer } of graph.nodes.values()) {
    net.within(layer && { ...layer, name: rename(layer.name) }, () =>
      net.add(op, rename(name), inputs.map(rename), attrs),
    );
  }
  const weights = [...model.weights].map(([name, tensor]) => [rename(name), tensor] as const);
  return bind(net.build([names.output]), new Map(weights));
}
