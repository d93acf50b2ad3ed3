/** A network ready to train: the head it begins with, and the thread that trains it as the options say. */
import {
  bind,
  buildHead,
  imagesWithin,
  initialize,
  layerRates,
  type Model,
  type PreparedNetwork,
  parseHead,
  prepareNetwork,
  stepGraph,
} from "@grayling/core";
import type { ResolvedOptions } from "../train-options.js";
import type { Ready } from "../with-features.js";
import type { NetworkTraining } from "./network-options.js";
import { TrainerThread } from "./trainer-thread.js";

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

/** The head that a training begins with. Batches normalize otherwise than the averages that `solved` was fitted with: there it is a fresh one. */
export const startingHead = (
  { backbone, options, dataset }: Pick<Ready, "backbone" | "options" | "dataset">,
  { batchNorm }: NetworkTraining,
  solved: Model,
): Model => (batchNorm === "train" ? freshHead(backbone.model, options, dataset.classes.length) : solved);

/** What a training thread is opened for. */
export interface ThreadOptions {
  readonly backbone: Model;
  readonly head: Model;
  /** Of both. */
  readonly prepared: PreparedNetwork;
  readonly training: NetworkTraining;
  /** Images of an update. */
  readonly batch: number;
  readonly seed: number;
  readonly threads: number | undefined;
}

/** How many images of a batch go through the graph together. Throws `InputError` where the memory is too little for one. */
export const imagesAtOnce = (
  prepared: PreparedNetwork,
  { microBatch, memory }: Pick<NetworkTraining, "microBatch" | "memory">,
  batch: number,
): number =>
  microBatch ??
  (memory === undefined ? batch : imagesWithin(memory, stepGraph(prepared).graph, prepared.trained, batch));

/**
 * Opens the thread that trains; the caller closes it. Throws `InputError` where the memory is too little for one image, or
 * the runtime lacks the kernels asked for.
 */
export function openThread({
  backbone,
  head,
  prepared,
  training,
  batch,
  seed,
  threads,
}: ThreadOptions): Promise<TrainerThread> {
  const { kernels, weightDecay, momentum, clipNorm, average, layerDecay, optimizer } = training;
  const images = imagesAtOnce(prepared, training, batch);
  return TrainerThread.open({
    ...{ backbone, head, kernels, threads },
    network: training,
    options: {
      ...{ images, optimizer, momentum, weightDecay, average, seed },
      limits: { globalNorm: clipNorm },
      rates: layerDecay === 1 ? {} : layerRates(prepared.network.graph, prepared.trained, layerDecay),
    },
  });
}

/** A network, and the thread that trains it. */
export interface OpenNetwork {
  readonly prepared: PreparedNetwork;
  readonly trainer: TrainerThread;
}

/** Opens the training of `head` on the backbone; the caller closes the trainer. Throws as `prepareNetwork` and `openThread`. */
export async function openNetwork(
  { backbone, options }: Pick<Ready, "backbone" | "options">,
  head: Model,
  training: NetworkTraining,
  batch: number,
): Promise<OpenNetwork> {
  const prepared = prepareNetwork(backbone.model, head, training);
  const { seed, threads } = options;
  const trainer = await openThread({ backbone: backbone.model, head, prepared, training, batch, seed, threads });
  return { prepared, trainer };
}
