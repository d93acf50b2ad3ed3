/** Dropout as training does it: a product with a mask that the host draws, so that the graph itself stays without chance. */
import type { Extent, Graph } from "../graph/graph.js";
import { isOp } from "../graph/graph.js";
import { rewrite } from "../graph/rewrite.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import type { SeededRandom } from "../seeded-random.js";

export interface DropoutMask {
  /** The graph input that the mask is fed to: `layer/mask`. */
  readonly name: string;
  readonly rate: number;
  /** As of what it multiplies; 1 in every axis but the batch where one decision holds for a whole sample. */
  readonly shape: readonly Extent[];
}

export interface MaskedGraph {
  readonly graph: Graph;
  readonly masks: readonly DropoutMask[];
}

/** Puts x · mask in the place of each Dropout; a graph without any comes back as it was. */
export function maskDropout(graph: Graph): MaskedGraph {
  const masks: DropoutMask[] = [];
  const masked = rewrite(graph, (net, node) => {
    if (!isOp(node, "Dropout")) return false;
    const [x] = node.inputs as [string];
    const { rate, noise } = node.attrs;
    const shape = noise === "element" ? node.shape : node.shape.map((extent, axis) => (axis === 0 ? extent : 1));
    const mask = net.add("Input", `${node.name}/mask`, [], { shape });
    net.add("Mul", node.name, [x, mask], {});
    masks.push({ name: mask, rate, shape });
    return true;
  });
  return { graph: masked, masks };
}

/**
 * Draws a mask for a batch: 0 with probability `rate`, else 1 / (1 − rate), so that the mean stays what it was.
 * Source: Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html, §10 (scaled in training).
 */
export function drawMask({ rate, shape }: DropoutMask, batch: number, random: SeededRandom): Tensor {
  const extents = shape.map((extent) => (extent === "N" ? batch : extent));
  const kept = 1 / (1 - rate);
  const data = new Float32Array(sizeOf(extents));
  for (let i = 0; i < data.length; i++) data[i] = random.next() < rate ? 0 : kept; // Float32Array.from takes ten times as long
  return { shape: extents, data };
}
