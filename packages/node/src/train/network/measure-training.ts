/** How long a training of the network would take, measured on two batches of pixels made up. Nothing is trained or written. */
import {
  encode,
  estimateMemory,
  inference,
  lower,
  nodesOf,
  type PreparedNetwork,
  sizeOf,
  stepGraph,
} from "@grayling/core";
import { openRuntime } from "../../runtime/open-runtime.js";
import type { Ready } from "../with-features.js";
import type { NetworkTraining } from "./network-options.js";
import { freshHead, imagesAtOnce, openNetwork } from "./with-network.js";

/** How many images have which part in it. */
export interface PlannedImages {
  readonly train: number;
  readonly val: number;
  readonly test: number;
}

/** One choice of what trains. */
export interface PlannedChoice {
  readonly unfreeze: string;
  /** Parameters that train, the head's included. */
  readonly parameters: number;
  /** Of what lies below the cut, once for each image and variant; absent where the images themselves are read. */
  readonly activations:
    | { readonly cut: string; readonly bytes: number; readonly imagesPerSecond: number; readonly seconds: number }
    | undefined;
  /** Bytes that the process will take, estimated; what is kept of the images comes on top. */
  readonly memory: number;
  /** Images of an update, and how many of them go through the graph at once. */
  readonly batch: number;
  readonly imagesAtOnce: number;
  /** Of a training step, and of measuring the images that validate. */
  readonly imagesPerSecond: number;
  readonly secondsPerEpoch: number;
  readonly epochs: number;
  /** Of the network, all its folds, without what the head takes before. */
  readonly secondsInAll: number;
  readonly kernels: "portable" | "blocked";
}

/** What is measured: a network, and what it is trained on. */
export interface MeasuredTraining extends Pick<Ready, "backbone" | "options" | "dataset"> {
  readonly images: PlannedImages;
}

/** Measures one choice. Throws as `openNetwork`. */
export async function measureTraining(
  { backbone, options, dataset, images }: MeasuredTraining,
  network: NetworkTraining,
): Promise<PlannedChoice> {
  const classes = dataset.classes.length;
  const batch = Math.min(options.batch, images.train);
  const head = freshHead(backbone.model, options, classes);
  const { prepared, trainer } = await openNetwork({ backbone, options }, head, network, batch);
  try {
    const shape = shapeAtCut(prepared);
    const input = () => ({ shape: [batch, ...shape], data: new Float32Array(batch * sizeOf(shape)).fill(1) });
    const targets = () => new Float32Array(batch * classes).fill(1 / classes);
    const step = await fasterOfTwo(() => trainer.learn({ input: input(), targets: targets(), rows: batch }, 0));
    const forward = await fasterOfTwo(() => trainer.evaluate(input()));
    const activations = await measureActivations(prepared, { images, options }, batch);
    const secondsPerEpoch = (images.train * step + images.val * forward) / batch;
    // Of k folds each trains on all images but 1/k, and after them comes the one on all: k in all.
    const trainings = options.folds ?? 1;
    const atOnce = imagesAtOnce(prepared, network, batch);
    return {
      ...{ unfreeze: network.unfreeze, parameters: trainedParameters(prepared), activations, batch },
      ...{ imagesAtOnce: atOnce, memory: estimateMemory(stepGraph(prepared).graph, prepared.trained, atOnce) },
      ...{ imagesPerSecond: batch / step, secondsPerEpoch, epochs: network.epochs, kernels: trainer.kernels },
      secondsInAll: trainings * secondsPerEpoch * network.epochs + (activations?.seconds ?? 0),
    };
  } finally {
    await trainer.close();
  }
}

/** Of one image, without the batch. */
const shapeAtCut = ({ split: { above, cut } }: PreparedNetwork) =>
  above.graph.nodes.get(cut)!.shape.slice(1) as readonly number[]; // the batch is first

function trainedParameters({ network, trained }: PreparedNetwork): number {
  const names = new Set(trained);
  const weights = nodesOf(network.graph, "Weight").filter(({ name }) => names.has(name));
  return weights.reduce((sum, { attrs }) => sum + sizeOf(attrs.shape), 0);
}

async function measureActivations(
  prepared: PreparedNetwork,
  { images, options }: Pick<MeasuredTraining, "images" | "options">,
  batch: number,
): Promise<PlannedChoice["activations"]> {
  const { below, cut } = prepared.split;
  if (!below) return undefined;
  const variants = options.augment ? 1 + (options.augmentVariants ?? 0) : 1;
  const passes = images.train * variants + images.val + images.test;
  const shape = [batch, 1, options.height, options.width];
  const runtime = openRuntime({ device: "cpu", threads: options.threads, onFallback: () => {} });
  try {
    const session = await runtime.openForBatches(encode(lower(below, inference)));
    const data = new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape))).fill(128);
    const seconds = await fasterOfTwo(() => session.run({ input_layer: { shape, data } }));
    return {
      cut,
      bytes: (options.network?.cacheType === "float16" ? 2 : 4) * sizeOf(shapeAtCut(prepared)) * passes,
      imagesPerSecond: batch / seconds,
      seconds: (passes * seconds) / batch,
    };
  } finally {
    await runtime.close();
  }
}

/** Seconds of the faster of two runs, after one that warms up. */
async function fasterOfTwo(work: () => Promise<unknown>): Promise<number> {
  await work();
  let best = Infinity;
  for (let run = 0; run < 2; run++) {
    const start = performance.now();
    await work();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}
