/** Takes a layer of zeros around a map into the convolution that reads it, which can pad by itself; exact. */
import { type Graph, isOp, readersOf } from "../graph/graph.js";
import type { Pads } from "../graph/ops.js";
import { rewrite } from "../graph/rewrite.js";

/** Folds every Pad that convolutions alone read, with the input alone; others stay. */
export function foldPads(graph: Graph): Graph {
  const folded = new Map<string, { readonly x: string; readonly pads: Pads }>();
  for (const node of graph.nodes.values()) {
    if (!isOp(node, "Pad") || graph.outputs.includes(node.name)) continue;
    const readers = readersOf(graph, node.name);
    const isFoldable = readers.every((reader) => isOp(reader, "Conv") && reader.inputs.indexOf(node.name, 1) === -1);
    if (isFoldable) folded.set(node.name, { x: node.inputs[0]!, pads: node.attrs.pads });
  }
  return rewrite(graph, (net, node) => {
    if (folded.has(node.name)) return true;
    const pad = isOp(node, "Conv") && folded.get(node.inputs[0]!);
    if (!isOp(node, "Conv") || !pad) return false;
    const [top, left, bottom, right] = node.attrs.pads;
    const pads: Pads = [top + pad.pads[0], left + pad.pads[1], bottom + pad.pads[2], right + pad.pads[3]];
    net.add("Conv", node.name, [pad.x, ...node.inputs.slice(1)], { ...node.attrs, pads });
    return true;
  });
}
