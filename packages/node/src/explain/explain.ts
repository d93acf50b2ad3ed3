/** Why a network that was built for three channels takes a gray image, or why not: everything that is shown of it. */
import {
  type Convention,
  cutGraph,
  type GrayTrace,
  grayTrace,
  initialize,
  type MisfitVariable,
  type Model,
  type ModelName,
  misfitVariables,
  type Runtime,
  type Tensor,
} from "@grayling/core";
import { buildGraph } from "../backbone/build-graph.js";
import type { Backbone } from "../backbone/open-backbone.js";
import { type FoldProof, proveFold } from "./fold-proof.js";
import { preparingNodes, type SamplePixel, samplePixel } from "./sample-pixel.js";

export interface ExplainOptions {
  /** What the plane shows, for people. */
  readonly image: string;
  /** Of the images; default 1. Other numbers than 1 stand for that many equal channels. */
  readonly channels?: number | undefined;
  /** That the network is declared for; default 3. */
  readonly declaredChannels?: number | undefined;
}

export interface Explanation {
  readonly model: ModelName;
  /** Where the weights come from, for people. */
  readonly weights: string;
  /** Whether they were learned somewhere. */
  readonly isTransferred: boolean;
  readonly convention: Convention;
  /** What people should know of the weights. */
  readonly notes: readonly string[];
  /** The path, or "seeded noise". */
  readonly image: string;
  /** Of the whole network, with its classifier. */
  readonly trace: GrayTrace;
  /** Absent where the images do not get past the input. */
  readonly pixel?: SamplePixel;
  /** Absent for a network that is declared for one channel: there is nothing to fold. */
  readonly proof?: FoldProof;
  /** What of weights for three channels does not fit the network declared for one. */
  readonly misfits: readonly MisfitVariable[];
}

/** `plane` is the gray image, [1, 1, H, W], 0–255, of the backbone's size. */
export async function explain(
  runtime: Runtime,
  backbone: Backbone,
  plane: Tensor,
  options: ExplainOptions,
): Promise<Explanation> {
  const { image, channels = 1, declaredChannels = 3 } = options;
  const declared = declare(backbone, declaredChannels);
  const trace = grayTrace(declared.graph, { channels, weights: declared.weights });
  const isInside = trace.layers.length > 1;
  const isFoldable = declaredChannels === 3 && (channels === 1 || channels === 3);
  return {
    model: backbone.name,
    weights: declaredChannels === 3 ? backbone.source : "fresh, as Keras begins",
    isTransferred: declaredChannels === 3 && backbone.isTransferred,
    convention: backbone.convention,
    notes: declaredChannels === 3 ? backbone.notes : [],
    image,
    trace,
    ...(isInside && { pixel: await samplePixel(runtime, declared, plane, channels) }),
    ...(isFoldable && { proof: await proveFold(runtime, backbone.model, plane) }),
    misfits: misfitVariables(backbone.name, declaredChannels === 3 ? 1 : declaredChannels),
  };
}

/** The whole network, declared for so many channels; where the backbone's weights do not fit, with those of its preprocessing alone. */
function declare({ name, height, width, model, convention }: Backbone, channels: number): Model {
  const topology = channels === 3 ? "imagenet" : "none"; // Keras refuses its ImageNet weights for other channels
  const graph = buildGraph(name, { height, width, channels, topology, convention });
  if (channels === 3) return { graph, weights: model.weights };
  const preparing = preparingNodes(graph).map((node) => node.name);
  return { graph, weights: initialize(cutGraph(graph, ...preparing), 0) }; // nothing is random before the stem
}
