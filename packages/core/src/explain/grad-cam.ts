/**
 * Where in the picture the score of a class comes from: Grad-CAM and Grad-CAM++, as a pass over a classifier's graph.
 *
 *   Grad-CAM     weight_c = mean over the map of ∂score/∂A_c,   map = relu(Σ_c weight_c · A_c)
 *   Grad-CAM++   weight_c = Σ over the map of α · relu(g),      α = g² / (2g² + g³ · Σ A_c),   g = ∂score/∂A_c
 *
 * The score is the logit, not the probability: a softmax's gradient vanishes where the network is sure. α · relu(g) is
 * computed as r / (2 + r · Σ A_c) with r = relu(g), which is the same where g > 0, and 0 without a case where it is not.
 *
 * Sources: Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2; Chattopadhay et al. 2018, arXiv:1710.11063, eq. 19, with the
 * score itself in place of its exponential.
 */
import { type Graph, GraphBuilder } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { logitsOf } from "../passes/add-loss.js";
import { differentiate } from "../passes/differentiate.js";
import { addClassSeed } from "./class-seed.js";
import { type MapLayer, mapLayer } from "./map-layer.js";

export interface GradCamOptions {
  /** A layer that gives a map; default the last one before the score, `top_activation`. */
  readonly layer?: string | undefined;
  /** Default "grad-cam". */
  readonly variant?: GradCamVariant | undefined;
  /** Keeps what speaks against the class, below 0: the map before its ReLU. Default false. */
  readonly isSigned?: boolean | undefined;
}

export type GradCamVariant = "grad-cam" | "grad-cam++";

/** Names in the graphs of this file and of `classMaps`. */
export const camNames = { classIndex: "cam_class", map: "cam" } as const;

/**
 * The classifier with one more input, `cam_class` [N]: the index of the class to explain, or −1 for the one of the largest
 * logit; and one more output, `cam` [N, h, w]: the map of the layer, in units of the logit per cell. One run gives the
 * probabilities and the map; only what lies above the layer is differentiated.
 *
 * Throws `GraphError` for a graph whose first output is no softmax, and `InputError` where the layer gives no map.
 */
export function gradCam(model: Model, { layer, variant = "grad-cam", isSigned = false }: GradCamOptions = {}): Model {
  const { graph } = model;
  const logits = logitsOf(graph);
  const map = mapLayer(graph, logits, layer);
  const seeded = withSeed(graph, logits);
  const { graph: derived, gradients } = differentiate(seeded, logits, [map.name], seedName);
  const net = new GraphBuilder();
  for (const node of derived.nodes.values()) net.copy(node);
  const weights = variants[variant](net, map, gradients.get(map.name)!);
  const weighted = net.add("Mul", `${camNames.map}/weighted`, [map.name, weights], {});
  const axes = { axes: [1], keepdims: 0 } as const;
  if (isSigned) net.add("ReduceSum", camNames.map, [weighted], axes);
  else net.add("Relu", camNames.map, [net.add("ReduceSum", `${camNames.map}/signed`, [weighted], axes)], {});
  return bind(net.build([...graph.outputs, camNames.map]), model.weights);
}

const seedName = `${camNames.map}/seed`;

/** The graph with the seed of the class beside its outputs. */
function withSeed(graph: Graph, logits: string): Graph {
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);
  addClassSeed(net, logits, { input: camNames.classIndex, seed: seedName });
  return net.build([...graph.outputs, seedName]);
}

/** Adds the weight of each channel, [N, C, 1, 1], from the gradient by the map. */
const variants: {
  readonly [V in GradCamVariant]: (net: GraphBuilder, map: MapLayer, gradient: string) => string;
} = {
  "grad-cam": (net, _, gradient) => net.add("GlobalAveragePool", `${camNames.map}/weights`, [gradient], {}),
  "grad-cam++": (net, { name }, gradient) => {
    const part = (suffix: string) => `${camNames.map}/${suffix}`;
    const overMap = { axes: [2, 3], keepdims: 1 } as const;
    const positive = net.add("Relu", part("positive"), [gradient], {});
    const sum = net.add("ReduceSum", part("sum"), [name], overMap);
    const two = net.add("Constant", part("two"), [], { shape: [1], value_floats: [2] });
    const product = net.add("Mul", part("product"), [positive, sum], {});
    const denominator = net.add("Add", part("denominator"), [product, two], {});
    const alpha = net.add("Div", part("alpha"), [positive, denominator], {});
    return net.add("ReduceSum", part("weights"), [alpha], overMap);
  },
};
