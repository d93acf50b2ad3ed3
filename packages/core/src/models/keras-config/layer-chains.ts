/** A graph's nodes as the layers that Keras would have for them: most layers of ours are one of Keras', some are two. */
import { GraphError } from "../../errors.js";
import { type Graph, isOp, type Layer, type Node } from "../../graph/graph.js";
import type { Op } from "../../graph/ops.js";
import { activationName } from "./activations.js";

/** Nodes of one layer of Keras, each reading the one before. */
export interface LayerChain {
  /** Of Keras' layer: our layer's for the chain that ends it; of another the node's, `/` being `_`. */
  readonly name: string;
  /** Our layer's, which may say more than its operators: `ReLU` or `Activation`. */
  readonly className: string;
  readonly nodes: readonly [Node, ...Node[]];
}

/** In Keras' order of layers: by the first node of each layer of ours. Throws `GraphError` where names collide. */
export function layerChains(graph: Graph): LayerChain[] {
  const groups = new Map<string, { readonly layer: Layer; readonly nodes: Node[] }>();
  for (const node of graph.nodes.values()) {
    const layer = node.layer ?? { name: node.name, className: node.op };
    const group = groups.get(layer.name) ?? { layer, nodes: [] };
    if (!isValue(node)) group.nodes.push(node);
    groups.set(layer.name, group);
  }
  const shared = sharedNodes(graph);
  const chains = [...groups.values()].flatMap(({ layer, nodes }) =>
    chained(nodes, shared).map((chain): LayerChain => {
      const end = chain.at(-1)!;
      const name = end === nodes.at(-1) ? layer.name : end.name.replaceAll("/", "_");
      return { name, className: layer.className, nodes: chain };
    }),
  );
  const names = new Set<string>();
  for (const { name, nodes } of chains) {
    if (names.has(name)) throw new GraphError(`${nodes[0].name}: Keras would have two layers named ${name}`);
    names.add(name);
  }
  return chains;
}

/** Weights and constants are part of what reads them. */
export const isValue = (node: Node): boolean => isOp(node, "Weight") || isOp(node, "Constant");

/** Nodes that more than one node reads, or whose values come out. */
function sharedNodes({ nodes, outputs }: Graph): ReadonlySet<string> {
  const [read, shared] = [new Set<string>(), new Set(outputs)];
  for (const { inputs } of nodes.values()) {
    for (const input of inputs) {
      if (read.has(input)) shared.add(input);
      read.add(input);
    }
  }
  return shared;
}

function chained(nodes: readonly Node[], shared: ReadonlySet<string>): [Node, ...Node[]][] {
  const chains: [Node, ...Node[]][] = [];
  for (const node of nodes) {
    const chain = chains.at(-1);
    const end = chain?.at(-1);
    const follows = end && node.inputs[0] === end.name && !shared.has(end.name);
    if (chain && follows && continues(chain, node)) chain.push(node);
    else chains.push([node]);
  }
  return chains;
}

/** What one layer of Keras does after another operator of the same layer. */
const continuations: { readonly [K in Op]?: (chain: readonly Node[], node: Node) => boolean } = {
  Conv: (_, node) => isActivation(node),
  Gemm: (_, node) => isActivation(node),
  GlobalAveragePool: (_, node) => isOp(node, "Flatten"),
  GlobalMaxPool: (_, node) => isOp(node, "Flatten"),
  // A vector is normalized as a map of 1 × 1.
  Reshape: (_, node) => isOp(node, "BatchNormalization"),
  BatchNormalization: ([first], node) => isOp(first!, "Reshape") && isOp(node, "Flatten"),
};

const continues = (chain: readonly Node[], node: Node): boolean =>
  continuations[chain.at(-1)!.op]?.(chain, node) ?? false;

const isActivation = ({ op, attrs, shape }: Node): boolean =>
  activationName(op, attrs) !== undefined && (op !== "Softmax" || shape.length === 2);
