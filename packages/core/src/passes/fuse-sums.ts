/**
 * Fuses what a convolution's kernel adds anyway: sums of maps into the convolution that makes one of the terms, and a gate's
 * product with what its squeeze sends back into one affine map. The values stay the same but for the order of sums. For
 * speed alone: each is a pass over a map less, and such passes are what a training step waits for.
 */
import { type Graph, isOp, type Node } from "../graph/graph.js";
import type { Pair } from "../graph/ops.js";
import { rewrite } from "../graph/rewrite.js";
import { showShape } from "../graph/tensor.js";

/** Of a graph as `differentiate` gives it; applied again it changes nothing. */
export function fuseSums(graph: Graph): Graph {
  const order = new Map([...graph.nodes.keys()].map((name, at) => [name, at]));
  const readers = new Map([...graph.nodes.keys()].map((name) => [name, 0]));
  for (const { inputs } of graph.nodes.values()) for (const name of inputs) readers.set(name, readers.get(name)! + 1);
  const isOwn = (node: Node) => readers.get(node.name) === 1 && !graph.outputs.includes(node.name);
  const replaced = new Map<string, (net: Parameters<Parameters<typeof rewrite>[1]>[0]) => void>();
  const removed = new Set<string>();
  for (const node of graph.nodes.values()) {
    if (!isOp(node, "Add")) continue;
    const terms = node.inputs.map((name) => graph.nodes.get(name)!);
    if (terms.length !== 2 || terms.some(({ shape }) => showShape(shape) !== showShape(node.shape))) continue;
    if (node.shape.length !== 4) continue;
    const affine = gateSum(graph, terms, isOwn, removed);
    if (affine) {
      const { product, spread, x, gate } = affine;
      removed.add(product.name).add(spread.name);
      const [height, width] = spread.attrs.extents as Pair;
      replaced.set(node.name, (net) => {
        const share = net.add("Constant", `${node.name}/share`, [], {
          shape: [1],
          value_floats: [1 / (height * width)],
        });
        const shift = net.add("Mul", `${node.name}/shift`, [spread.inputs[0]!, share], {});
        net.add("ImageAffine", node.name, [x, gate, shift], {});
      });
      continue;
    }
    // The later term takes the sum in: the other one exists when it is computed.
    const [first, last] = [...terms].sort((a, b) => order.get(a.name)! - order.get(b.name)!) as [Node, Node];
    if (removed.has(last.name) || !isOwn(last) || first === last) continue;
    if (isOp(last, "ConvInputGrad") && last.inputs.length === 2 && last.attrs.group === 1) {
      removed.add(last.name);
      replaced.set(node.name, (net) => net.add("ConvInputGrad", node.name, [...last.inputs, first.name], last.attrs));
    } else if (isOp(last, "Conv") && last.inputs.length === 3 && last.attrs.group === 1) {
      removed.add(last.name);
      replaced.set(node.name, (net) => net.add("Conv", node.name, [...last.inputs, first.name], last.attrs));
    }
  }
  return rewrite(graph, (net, node) => {
    if (removed.has(node.name)) return true;
    const build = replaced.get(node.name);
    build?.(net);
    return build !== undefined;
  });
}

/** x · gate + dmean at every pixel: what a squeeze-and-excite block sends back to its input. The gate has one value a channel of an image. */
function gateSum(graph: Graph, terms: readonly Node[], isOwn: (node: Node) => boolean, removed: ReadonlySet<string>) {
  const spread = terms.find((term): term is Node<"GlobalAveragePoolGrad"> => isOp(term, "GlobalAveragePoolGrad"));
  const product = terms.find((term): term is Node<"Mul"> => isOp(term, "Mul"));
  if (!spread || !product || ![spread, product].every((term) => isOwn(term) && !removed.has(term.name)))
    return undefined;
  const [x, gate] = product.inputs as [string, string];
  if (showShape(graph.nodes.get(gate)!.shape) !== showShape([...product.shape.slice(0, 2), 1, 1])) return undefined;
  return { product, spread, x, gate };
}
