/** `plan`: what a training would compute, and how long it would take, measured on two batches. */
import { encode, InputError, inference, lower, nodesOf, sizeOf, unfreezeWordsOf } from "@grayling/core";
import { openBackbone } from "../../backbone/open-backbone.js";
import { openRuntime } from "../../runtime/open-runtime.js";
import { splitImages } from "../split-images.js";
import type { TrainSettings } from "../train.js";
import { resolveOptions } from "../train-options.js";
import { openTraining } from "../with-features.js";
import { type NetworkTraining, resolveNetwork } from "./network-options.js";
import { freshHead, openNetwork } from "./with-network.js";

/** What a training would take. */
export interface Plan {
  readonly images: { readonly train: number; readonly val: number; readonly test: number };
  readonly choices: readonly PlannedChoice[];
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
  /** Of a training step, and of measuring the images that validate. */
  readonly imagesPerSecond: number;
  readonly secondsPerEpoch: number;
  readonly epochs: number;
  /** Of the network, without what the head takes before. */
  readonly secondsInAll: number;
  readonly kernels: "portable" | "blocked";
}

/** As `train` takes them. */
export interface PlanSettings extends TrainSettings {
  /** Told of each choice before it is measured. */
  readonly onMeasured?: ((unfreeze: string) => void) | undefined;
}

/** From the dearest to the cheapest; what lies between differs little. */
const words = ["all", "block3", "block5", "block6", "block7", "top"];

/**
 * Measures what the options let train, and what is cheaper. Nothing is trained or written; the measured steps run on pixels
 * made up. Throws as `train`, and `InputError` where only the head trains.
 */
export async function planTraining(root: string, settings: PlanSettings): Promise<Plan> {
  const options = resolveOptions(settings);
  if (!options.network)
    throw new InputError("plan: only the head trains, which takes seconds; say what else, such as --unfreeze block6");
  const dataset = await openTraining(root, options, settings);
  const sides = splitImages(dataset, options);
  const count = (side: string) => sides.filter((own) => own === side).length;
  const images = { train: count("train"), val: count("val"), test: count("test") };
  const backbone = await openBackbone(options.model, { ...options, cache: settings.cache, signal: settings.signal });
  const known = unfreezeWordsOf(backbone.model.graph);
  const at = words.indexOf(options.network.unfreeze.trim().toLowerCase());
  const cheaper = at === -1 ? [] : words.slice(at + 1).filter((word) => known.includes(word));
  const choices: PlannedChoice[] = [];
  for (const unfreeze of [options.network.unfreeze, ...cheaper]) {
    settings.signal?.throwIfAborted();
    settings.onMeasured?.(unfreeze);
    const network = resolveNetwork({ ...settings, unfreeze }, options.batch)!; // it names layers
    choices.push(await measure({ backbone, options }, network, images, dataset.classes.length));
  }
  return { images, choices };
}

async function measure(
  { backbone, options }: Pick<Parameters<typeof openNetwork>[0], "backbone" | "options">,
  network: NetworkTraining,
  images: Plan["images"],
  classes: number,
): Promise<PlannedChoice> {
  const batch = Math.min(options.batch, images.train);
  const head = freshHead(backbone.model, options, classes);
  const { prepared, trainer } = await openNetwork({ backbone, options }, head, network, batch);
  try {
    const { below, above, cut } = prepared.split;
    const shape = above.graph.nodes.get(cut)!.shape.slice(1) as readonly number[]; // the batch is first
    const input = () => ({ shape: [batch, ...shape], data: new Float32Array(batch * sizeOf(shape)).fill(1) });
    const targets = () => new Float32Array(batch * classes).fill(1 / classes);
    const step = await fasterOfTwo(() => trainer.learn({ input: input(), targets: targets(), rows: batch }, 0));
    const forward = await fasterOfTwo(() => trainer.evaluate(input()));
    const variants = options.augment && below ? 1 + (options.augmentVariants ?? 0) : 1;
    const passes = images.train * variants + images.val + images.test;
    const frozen = below
      ? await measureBelow(encode(lower(below, inference)), [batch, 1, options.height, options.width], options.threads)
      : undefined;
    const trained = new Set(prepared.trained);
    const parameters = nodesOf(prepared.network.graph, "Weight").reduce(
      (sum, { name, attrs }) => (trained.has(name) ? sum + sizeOf(attrs.shape) : sum),
      0,
    );
    const secondsPerEpoch = (images.train * step + images.val * forward) / batch;
    const bytes = 4 * sizeOf(shape) * passes;
    const activations =
      frozen === undefined
        ? undefined
        : { cut, bytes, imagesPerSecond: batch / frozen, seconds: (passes * frozen) / batch };
    return {
      ...{ unfreeze: network.unfreeze, parameters, activations, imagesPerSecond: batch / step, secondsPerEpoch },
      ...{ epochs: network.epochs, kernels: trainer.kernels },
      secondsInAll: secondsPerEpoch * network.epochs + (activations?.seconds ?? 0),
    };
  } finally {
    await trainer.close();
  }
}

async function measureBelow(model: Uint8Array, shape: readonly number[], threads: number | undefined): Promise<number> {
  const runtime = openRuntime({ device: "cpu", threads, onFallback: () => {} });
  try {
    const session = await runtime.openForBatches(model);
    const data = new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape))).fill(128);
    return await fasterOfTwo(() => session.run({ input_layer: { shape, data } }));
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
