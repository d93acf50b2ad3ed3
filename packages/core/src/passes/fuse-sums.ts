/**
 * Fuses what a convolution's kernel adds anyway: sums of maps into the convolution that makes one of the terms, and a gate's
 * product with what its squeeze sends back into one affine map. The values stay the same but for the order of sums. For
 * speed alone: each is a pass over a map less, and such passes are what a training step waits for.
 */
import { type Graph, type GraphBuilder, isOp, type Node } from "../graph/graph.js";
import { rewrite } from "../graph/rewrite.js";
import { showShape } from "../graph/tensor.js";

/** What stands in the place of a sum. */
interface Fusion {
  /** Terms that the sum takes in. */
  readonly removed: readonly Node[];
  readonly build: (net: GraphBuilder) => void;
}

/** Of a graph as `differentiate` gives it; applied again it changes nothing. */
export function fuseSums(graph: Graph): Graph {
  const order = new Map([...graph.nodes.keys()].map((name, at) => [name, at]));
  const readers = new Map([...graph.nodes.keys()].map((name) => [name, 0]));
  for (const { inputs } of graph.nodes.values()) for (const name of inputs) readers.set(name, readers.get(name)! + 1);
  const replaced = new Map<string, Fusion["build"]>();
  const removed = new Set<string>();
  const isFree = ({ name }: Node) => readers.get(name) === 1 && !graph.outputs.includes(name) && !removed.has(name);
  for (const node of graph.nodes.values()) {
    if (!isOp(node, "Add") || node.shape.length !== 4) continue;
    const terms = node.inputs.map((name) => graph.nodes.get(name)!);
    if (terms.length !== 2 || terms.some(({ shape }) => showShape(shape) !== showShape(node.shape))) continue;
    // The later term takes the sum in: the other one exists when it is computed.
    const [first, last] = [...terms].sort((a, b) => order.get(a.name)! - order.get(b.name)!) as [Node, Node]; // of two
    const fusion = gateFusion(graph, node, terms.filter(isFree)) ?? (isFree(last) && convFusion(node, first, last));
    if (!fusion) continue;
    for (const { name } of fusion.removed) removed.add(name);
    replaced.set(node.name, fusion.build);
  }
  return rewrite(graph, (net, node) => {
    if (removed.has(node.name)) return true;
    const build = replaced.get(node.name);
    build?.(net);
    return build !== undefined;
  });
}

/** x · gate + dmean at every pixel: what a squeeze-and-excite block sends back to its input. The gate has one value a channel of an image. */
function gateFusion(graph: Graph, { name }: Node, terms: readonly Node[]): Fusion | undefined {
  const spread = terms.find((term): term is Node<"GlobalAveragePoolGrad"> => isOp(term, "GlobalAveragePoolGrad"));
  const product = terms.find((term): term is Node<"Mul"> => isOp(term, "Mul"));
  if (!spread || !product) return undefined;
  const [x, gate] = product.inputs as [string, string];
  if (showShape(graph.nodes.get(gate)!.shape) !== showShape([...product.shape.slice(0, 2), 1, 1])) return undefined;
  const [height, width] = spread.attrs.extents;
  return {
    removed: [product, spread],
    build(net) {
      const share = net.add("Constant", `${name}/share`, [], { shape: [1], value_floats: [1 / (height * width)] });
      const shift = net.add("Mul", `${name}/shift`, [spread.inputs[0]!, share], {});
      net.add("ImageAffine", name, [x, gate, shift], {});
    },
  };
}

/** A convolution that adds the other term: with a bias, or on the way back. */
function convFusion({ name }: Node, first: Node, last: Node): Fusion | undefined {
  if (first === last) return undefined;
  if (isOp(last, "ConvInputGrad") && last.inputs.length === 2 && last.attrs.group === 1) {
    const build: Fusion["build"] = (net) => net.add("ConvInputGrad", name, [...last.inputs, first.name], last.attrs);
    return { removed: [last], build };
  }
  if (isOp(last, "Conv") && last.inputs.length === 3 && last.attrs.group === 1) {
    const build: Fusion["build"] = (net) => net.add("Conv", name, [...last.inputs, first.name], last.attrs);
    return { removed: [last], build };
  }
  return undefined;
}
