/** A network ready to train, without training it: for `plan` and `lr-find`. */
import {
  bind,
  buildHead,
  initialize,
  type Model,
  type PreparedNetwork,
  parseHead,
  prepareNetwork,
} from "@grayling/core";
import type { ResolvedOptions } from "../train-options.js";
import type { Ready } from "../with-features.js";
import type { NetworkTraining } from "./network-options.js";
import { TrainerThread } from "./trainer-thread.js";

export interface OpenNetwork {
  readonly prepared: PreparedNetwork;
  readonly trainer: TrainerThread;
}

/** The head of the options with small random weights, for where none has been fitted, or what it was fitted on will not last. */
export function freshHead(
  backbone: Model,
  { head, seed }: Pick<ResolvedOptions, "head" | "seed">,
  classes: number,
): Model {
  const columns = backbone.graph.nodes.get(backbone.graph.outputs[0]!)!.shape[1] as number; // pooled: [N, columns]
  const layers = parseHead(head, classes);
  const graph = buildHead(layers === "linear" ? [] : layers, columns, classes);
  return bind(graph, initialize(graph, seed));
}

/** Opens the training of `head` on the backbone; the caller closes the trainer. */
export async function openNetwork(
  { backbone, options }: Pick<Ready, "backbone" | "options">,
  head: Model,
  training: NetworkTraining,
  images: number,
): Promise<OpenNetwork> {
  const prepared = prepareNetwork(backbone.model, head, training);
  const { optimizer, momentum, weightDecay, average, clipNorm, kernels } = training;
  const trainer = await TrainerThread.open({
    ...{ backbone: backbone.model, head, kernels, threads: options.threads, network: training },
    options: {
      ...{ images: training.microBatch ?? images, optimizer, momentum, weightDecay, average, seed: options.seed },
      limits: { globalNorm: clipNorm },
    },
  });
  return { prepared, trainer };
}
