/** From a network as Keras has it, and a head, to the graphs that train it on gray images. */
import { nodesOf } from "../../graph/graph.js";
import { bind, type Model, weightOf } from "../../graph/model.js";
import { logitsOf } from "../../passes/add-loss.js";
import { affineInput } from "../../passes/affine-input.js";
import { cut } from "../../passes/cut.js";
import { filterScales, foldBatchNorm, normalizedConvs } from "../../passes/fold-batch-norm.js";
import { foldGrayscale, planeFactors } from "../../passes/fold-grayscale.js";
import { foldPads } from "../../passes/fold-pads.js";
import { join } from "../../passes/join.js";
import { removeDropout } from "../../passes/remove-dropout.js";
import { type SplitModel, splitModel } from "../../passes/split-model.js";
import { selectLayers, trainedWeights } from "./select-layers.js";
import { foldedStem, type Order, plainVariable, scaledVariable, type TrainedVariable } from "./trained-variable.js";

/** What of a network trains, and how. */
export interface NetworkOptions {
  /** As `selectLayers` reads it; the head trains always. */
  readonly unfreeze: string;
  /** "frozen" (default): moving averages normalize, and nothing of a normalization trains; "train": the batch's own. */
  readonly batchNorm?: "frozen" | "train" | undefined;
  /** False: no residual branch is dropped in training, though the network has the layers for it. Default true. */
  readonly stochasticDepth?: boolean | undefined;
}

/** A network with its head, ready to be differentiated. */
export interface PreparedNetwork {
  /** The whole network, three channels in, logits out, nothing folded: what training changes the weights of. */
  readonly network: Model;
  /** What training runs: one channel, folded, split below what trains. */
  readonly split: SplitModel;
  readonly logits: string;
  /** Names of the weights that train, of `network` and of `split.above` alike. */
  readonly trained: readonly string[];
  /** Layers of the backbone that train. */
  readonly layers: readonly string[];
  readonly batchNorm: "frozen" | "train";
  /** How the host holds a trained weight. */
  variable(name: string, weight: Float32Array, order: Order): TrainedVariable;
}

/**
 * Joins `head` (softmax over classes) to `backbone`, whose output it reads, and prepares the training of what `unfreeze`
 * names. Throws `InputError` for a pattern that matches nothing, `GraphError` for networks that do not fit.
 */
export function prepareNetwork(backbone: Model, head: Model, options: NetworkOptions): PreparedNetwork {
  const { unfreeze, batchNorm = "frozen", stochasticDepth = true } = options;
  const layers = selectLayers(backbone.graph, unfreeze);
  const logits = logitsOf(head.graph);
  const joined = join(backbone, cut(head, logits));
  const graph = removeDropout(
    joined.graph,
    ({ attrs }) => attrs.rate === 0 || (attrs.noise === "sample" && !stochasticDepth),
  );
  const network = bind(graph, joined.weights);
  const headWeights = nodesOf(head.graph, "Weight").map(({ name }) => name);
  const trained = [...trainedWeights(graph, layers, batchNorm === "train"), ...headWeights];
  const gray = foldGrayscale(network);
  const folded = batchNorm === "frozen" ? foldBatchNorm(gray) : gray;
  const split = splitModel(bind(foldPads(folded.graph), folded.weights), trained);
  const variable = variablesOf(network, batchNorm);
  return { network, split, logits, trained, layers, batchNorm, variable };
}

function variablesOf(network: Model, batchNorm: "frozen" | "train"): PreparedNetwork["variable"] {
  const path = affineInput(network, "training");
  const stemKernel = path.stem.inputs[1]!;
  const factors = planeFactors(path, [path.scale.map(() => 1)]);
  const scales = new Map(
    batchNorm === "train"
      ? []
      : normalizedConvs(network.graph).map((pair) => [pair.conv.inputs[1]!, filterScales(network, pair)] as const),
  );
  return (name, data, order) => {
    const weight = { shape: weightOf(network, name).shape, data };
    const scale = scales.get(name);
    if (name === stemKernel) return foldedStem(weight, scale ?? new Array(weight.shape[0]!).fill(1), factors, order);
    return scale ? scaledVariable(weight, scale, order) : plainVariable(weight, order);
  };
}
