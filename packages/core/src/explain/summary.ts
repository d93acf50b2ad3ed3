/** The layers of a network as Keras' `model.summary()` counts them, read from the graph itself. */
import { type Graph, isOp, type Layer, type Node } from "../graph/graph.js";
import { type KerasShape, kerasShape } from "../graph/keras-shape.js";
import { sizeOf } from "../graph/tensor.js";
import { multiplyAdds } from "./multiply-adds.js";

export interface LayerSummary extends Layer {
  /** Keras' order: channels last, `null` for the batch. */
  readonly outputShape: KerasShape;
  readonly params: number;
  readonly trainableParams: number;
  /** For one sample; see `multiplyAdds`. */
  readonly multiplyAdds: number;
  /** Names of the layers whose outputs this one reads, in order. */
  readonly inbound: readonly string[];
}

export interface Summary {
  readonly layers: readonly LayerSummary[];
  readonly total: number;
  readonly trainable: number;
  readonly nonTrainable: number;
  readonly multiplyAdds: number;
}

/** Every layer in the order of the graph. Nodes without a layer are a layer of their own, named after their operator. */
export function summarize(graph: Graph): Summary {
  const groups = new Map<string, Node[]>();
  for (const node of graph.nodes.values()) {
    const { name } = layerOf(node);
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  const layers = [...groups.values()].map((nodes) => summarizeLayer(graph, nodes));
  const sum = (count: (layer: LayerSummary) => number) => layers.reduce((total, layer) => total + count(layer), 0);
  const total = sum(({ params }) => params);
  const trainable = sum(({ trainableParams }) => trainableParams);
  const operations = sum(({ multiplyAdds }) => multiplyAdds);
  return { layers, total, trainable, nonTrainable: total - trainable, multiplyAdds: operations };
}

function summarizeLayer(graph: Graph, nodes: readonly Node[]): LayerSummary {
  const layer = layerOf(nodes[0]!);
  const weights = nodes.filter((node): node is Node<"Weight"> => isOp(node, "Weight"));
  const count = (counted: readonly Node<"Weight">[]) =>
    counted.reduce((sum, { attrs }) => sum + sizeOf(attrs.shape), 0);
  const inbound = nodes.flatMap(({ inputs }) => inputs).map((input) => layerOf(graph.nodes.get(input)!).name);
  return {
    ...layer,
    outputShape: kerasShape(nodes.at(-1)!.shape),
    params: count(weights),
    trainableParams: count(weights.filter(({ attrs }) => attrs.trainable)),
    multiplyAdds: nodes.reduce((sum, node) => sum + multiplyAdds(node, inputShapes(graph, node)), 0),
    inbound: [...new Set(inbound)].filter((name) => name !== layer.name),
  };
}

const inputShapes = ({ nodes }: Graph, { inputs }: Node) => inputs.map((name) => nodes.get(name)!.shape);

const layerOf = ({ layer, name, op }: Node): Layer => layer ?? { name, className: op };
