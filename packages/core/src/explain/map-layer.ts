/** Which layer's map an explanation looks at. */
import { didYouMean, nearestWords } from "../did-you-mean.js";
import { InputError } from "../errors.js";
import { type Graph, type Node, nodeOf } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { showShape } from "../graph/tensor.js";

/** The extents of a map of a layer. */
export interface MapLayer {
  /** The node, which bears the name of its Keras layer. */
  readonly name: string;
  readonly channels: number;
  readonly height: number; // cells
  readonly width: number; // cells
}

/**
 * The layer of that name; without one, the last map before the score: `top_activation` in an EfficientNet.
 * Throws `InputError`, with the nearest names, where there is none, it gives no map [N, C, H, W], or the score does not
 * depend on it.
 */
export function mapLayer(graph: Graph, score: string, layer?: string): MapLayer {
  const below = nodesBelow(graph, score);
  const candidates = below.filter((node) => node.shape.length === 4 && !notMaps.has(node.op));
  if (layer !== undefined) return extentsOf(namedNode(graph, candidates, layer));
  const last = candidates.at(-1);
  if (!last) throw new InputError(`layer: the score ${score} depends on no map [N, C, H, W], so there is none to show`);
  return extentsOf(last);
}

/** What is 4-D and yet no map: a value per channel, a picture, or weights. */
const notMaps: ReadonlySet<Op> = new Set([
  "Input",
  "Weight",
  "Constant",
  "GlobalAveragePool",
  "GlobalMaxPool",
  "Reshape",
]);

function namedNode(graph: Graph, candidates: readonly Node[], layer: string): Node {
  const found = candidates.find(({ name }) => name === layer);
  if (found) return found;
  const layers = candidates.filter((node) => node.layer?.name === node.name).map(({ name }) => name);
  const known = graph.nodes.get(layer);
  if (!known) {
    const nearest = didYouMean(layer, layers) || `, such as ${nearestWords(layer, layers).slice(0, 3).join(", ")}`;
    throw new InputError(
      `layer "${layer}": the model has no layer of this name, expected one that gives a map${nearest}`,
    );
  }
  const what = known.shape.length === 4 ? "is no map that the score depends on" : `gives ${showShape(known.shape)}`;
  throw new InputError(
    `layer "${layer}": ${what}, expected a map [N, C, H, W], such as ${layers.slice(-3).join(", ")}`,
  );
}

/** All nodes that the score depends on, and itself, in order. */
function nodesBelow(graph: Graph, score: string): Node[] {
  const reached = new Set<string>();
  const pending = [nodeOf(graph, score).name];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    pending.push(...nodeOf(graph, name).inputs);
  }
  return [...graph.nodes.values()].filter(({ name }) => reached.has(name));
}

function extentsOf({ name, shape }: Node): MapLayer {
  const [, channels, height, width] = shape as readonly number[]; // of rank 4; the batch alone may be a symbol
  return { name, channels: channels!, height: height!, width: width! };
}
