/**
 * Class activation maps: the closed form of Grad-CAM for a linear classifier on the mean of a map.
 *
 *   logit_k = bias_k + Σ_c W[c, k] · mean(A_c)   =   bias_k + Σ over cells of map_k,   map_k = Σ_c W[c, k] · A_c / (h · w)
 *
 * so the cells of a map add up to the logit without its bias. The gradient by A_c is W[c, k] / (h · w) in every cell: the map is
 * that of Grad-CAM before its ReLU, and Zhou's divided by h · w. No backward pass, and all classes at once.
 * Source: Zhou et al. 2016, arXiv:1512.04150, eq. 1 and 2.
 */
import { InputError } from "../errors.js";
import { type Graph, GraphBuilder, isOp, type Node, nodeOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { logitsOf } from "../passes/add-loss.js";
import { camNames } from "./grad-cam.js";
import { mapLayer } from "./map-layer.js";

/**
 * The classifier with one more output, `cam` [N, K, h, w]: the signed map of every class, in units of the logit per cell.
 * Throws `InputError` where the classifier is not linear on the mean of a map: use Grad-CAM there; and `GraphError` for a
 * graph whose first output is no softmax.
 */
export function classMaps(model: Model): Model {
  const { graph } = model;
  const logits = nodeOf(graph, logitsOf(graph));
  const { map, kernel } = linearHead(graph, logits);
  const { channels, height, width } = mapLayer(graph, logits.name, map);
  const name = `${camNames.map}/kernel`;
  const values = transposed(weightOf(model, kernel), 1 / (height * width));
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);
  net.add("Weight", name, [], { shape: values.shape, trainable: false });
  const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  if (values.shape[1] !== channels)
    throw new InputError(`${logits.name}: reads more than the ${channels} channels of ${map}`);
  net.add("Conv", camNames.map, [map, name], attrs);
  return bind(net.build([...graph.outputs, camNames.map]), new Map([...model.weights, [name, values]]));
}

/** The map that is averaged, and the weight [C, K] of the product that makes the logits of it. */
function linearHead(graph: Graph, logits: Node): { readonly map: string; readonly kernel: string } {
  if (!isOp(logits, "Gemm") || logits.attrs.transA || logits.attrs.transB) throw notLinear(logits);
  const [pooled, kernel] = logits.inputs as [string, string];
  if (!isOp(nodeOf(graph, kernel), "Weight")) throw notLinear(logits);
  let node = nodeOf(graph, pooled);
  while (isOp(node, "Flatten") || isOp(node, "Reshape") || isOp(node, "Dropout")) node = nodeOf(graph, node.inputs[0]!);
  if (!isOp(node, "GlobalAveragePool")) throw notLinear(node);
  return { map: node.inputs[0]!, kernel };
}

const notLinear = ({ name, op }: Node) =>
  new InputError(
    `cam: ${name} (${op}) stands between the score and the map, expected one dense layer on average pooling: use grad-cam`,
  );

/** [C, K] as the kernel of a 1 × 1 convolution, [K, C, 1, 1], times `scale`. */
function transposed({ shape, data }: Tensor, scale: number): Tensor {
  const [channels, classes] = shape as readonly [number, number]; // the kernel of a Gemm
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < classes; k++) values[k * channels + c] = scale * data[c * classes + k]!;
  }
  return { shape: [classes, channels, 1, 1], data: values };
}
