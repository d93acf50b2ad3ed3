/** Trains layers of the network itself, from the optimum of the head on; what does not get better is left as it was. */
import { createHash } from "node:crypto";
import { tmpdir, totalmem } from "node:os";
import {
  countImages,
  encode,
  type FitCheckpoint,
  type FitEvent,
  inference,
  lower,
  type Model,
  nodesOf,
  type PreparedNetwork,
  prepareNetwork,
  type SplitSide,
  sizeOf,
  weightsOfClasses,
  writeSafetensors,
} from "@grayling/core";
import type { Evaluated } from "../evaluate-head.js";
import type { Ready } from "../with-features.js";
import { type FittedNetwork, fitRows, type RowSides } from "./fit-rows.js";
import type { NetworkTraining } from "./network-options.js";
import { type RowsOptions, type StoredRows, storeActivations, storePlanes } from "./network-rows.js";
import { rowBytes } from "./row-store.js";
import { startingHead } from "./with-network.js";

/** Where an unfinished training lies. `key` tells one training from another. */
export interface Unfinished {
  readonly save: (key: string, checkpoint: FitCheckpoint) => Promise<void>;
  readonly resume: (key: string) => Promise<FitCheckpoint | undefined>;
}

/** A network after its training, and how well it does; undefined for a side without images. */
export interface TunedNetwork extends FittedNetwork {
  readonly prepared: PreparedNetwork;
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
}

/** Between two epochs a checkpoint is written after so long. */
const saveEveryMs = 3 * 60_000;

/** Of the memory, what rows may take before they go to disk. */
const memoryShare = 0.25;

/**
 * Trains on the images of side "train", from the head `solved` on. Throws `InputError` where the loss is no number, the disk is full, or
 * a checkpoint belongs to another training; the signal's reason, after a checkpoint.
 */
export async function fineTune(
  ready: Ready,
  sides: readonly SplitSide[],
  solved: Model,
  unfinished: Unfinished | undefined,
): Promise<TunedNetwork> {
  const training = networkOf(ready);
  const head = startingHead(ready, training, solved);
  const prepared = prepareNetwork(ready.backbone.model, head, training);
  const rows = await storeRows(
    ready,
    sides.map((side) => side === "train"),
    prepared,
  );
  try {
    const indicesOf = (side: SplitSide) => [...sides.keys()].filter((i) => sides[i] === side);
    const own = (side: SplitSide) => (sides.includes(side) ? rows.side(indicesOf(side), false) : undefined);
    const [validation, test] = [own("val"), own("test")];
    const fitted = await fitSide(
      ready,
      prepared,
      head,
      {
        training: rows.side(indicesOf("train"), true),
        validation,
        measured: { ...(validation && { validation }), ...(test && { test }) },
      },
      unfinished,
    );
    return { ...fitted, prepared, validation: fitted.measured["validation"], test: fitted.measured["test"] };
  } finally {
    await rows.close();
  }
}

/**
 * Cross-validation: each fold's images measured once by a network that has not seen them, after the last epoch, so that
 * no fold decides about its own measure. `solved` are the folds' own heads.
 */
export async function fineTuneFolds(
  ready: Ready,
  developing: readonly number[],
  foldOf: readonly number[],
  solved: readonly Model[],
): Promise<readonly Evaluated[]> {
  const training = networkOf(ready);
  const heads = solved.map((head) => startingHead(ready, training, head));
  const folds: Evaluated[] = [];
  const developed = new Set(developing);
  const isTraining = ready.dataset.images.map((_, i) => developed.has(i));
  const prepared = prepareNetwork(ready.backbone.model, heads[0]!, training);
  const rows = await storeRows(ready, isTraining, prepared);
  try {
    for (const [fold, head] of heads.entries()) {
      const of = (isWanted: (own: number) => boolean) => developing.filter((_, i) => isWanted(foldOf[i]!));
      const sides: RowSides = {
        training: rows.side(
          of((own) => own !== fold),
          true,
        ),
        validation: undefined,
        measured: {
          validation: rows.side(
            of((own) => own === fold),
            false,
          ),
        },
      };
      const { measured } = await fitSide(
        ready,
        prepareNetwork(ready.backbone.model, head, training),
        head,
        sides,
        undefined,
      );
      folds.push(measured["validation"]!);
      ready.onEvent({ kind: "fold", fold: fold + 1, folds: heads.length, accuracy: folds.at(-1)!.metrics.accuracy });
    }
    return folds;
  } finally {
    await rows.close();
  }
}

function networkOf({ options }: Ready): NetworkTraining {
  if (!options.network) throw new Error("internal: no layer of the network trains");
  return options.network;
}

/** Every image once: its plane, or its activations at the cut, in memory or on disk. The caller closes them. */
export function storeRows(
  ready: Ready,
  isTraining: readonly boolean[],
  { split }: PreparedNetwork,
): Promise<StoredRows> {
  const { dataset, trunk, chosen, options, runtime, onEvent, signal } = ready;
  const rowsOptions: RowsOptions = {
    framing: trunk.preprocessing,
    window: chosen.window,
    maxPixels: options.maxPixels,
    batch: options.batch,
    seed: options.seed,
    budget: memoryShare * totalmem(),
    folder: ready.cacheFolder ?? tmpdir(),
    augment: options.augment,
    variants: options.augmentVariants ?? 0,
    signal,
    onProgress: (progress) => onEvent({ kind: "activations", ...progress }),
  };
  return split.below
    ? storeActivations(dataset.images, isTraining, split.below, runtime, rowsOptions)
    : storePlanes(dataset.images, rowsOptions);
}

async function fitSide(
  ready: Ready,
  prepared: PreparedNetwork,
  head: Model,
  sides: RowSides,
  unfinished: Unfinished | undefined,
): Promise<FittedNetwork> {
  const { dataset, options, backbone, onEvent, signal } = ready;
  const training = networkOf(ready);
  const { labels } = sides.training;
  onEvent({ kind: "network", ...describe(prepared, ready, sides) });
  let saved = performance.now();
  let key: string | undefined; // the kernels are known when the thread is open
  const keyOf = (kernels: string) => (key ??= trainingKey(ready, prepared, head, sides, kernels));
  const save = async (event: Extract<FitEvent, { kind: "boundary" }>, kernels: string) => {
    if (!unfinished) return;
    const isDue = event.isEpoch || signal?.aborted || performance.now() - saved > saveEveryMs;
    if (!isDue) return;
    await unfinished.save(keyOf(kernels), await event.checkpoint());
    saved = performance.now();
  };
  return fitRows(sides, {
    ...{ backbone: backbone.model, head, prepared, training, classes: dataset.classes, signal },
    classWeights: weightsOfClasses(countImages(labels.length, labels, dataset.classes.length), options.classWeights),
    batch: Math.min(options.batch, sides.training.labels.length),
    seed: options.seed,
    threads: options.threads,
    resume: unfinished && ((kernels) => unfinished.resume(keyOf(kernels))),
    onEvent: async (event, kernels) => {
      if (event.kind === "boundary") return save(event, kernels);
      onEvent({ kind: "network-progress", progress: event, epochs: training.epochs, kernels });
    },
  });
}

/** What the event `network` tells: counts for people, of layers, parameters and bytes. */
function describe({ layers, trained, network, split }: PreparedNetwork, { options }: Ready, { training }: RowSides) {
  const count = (names: ReadonlySet<string>) =>
    nodesOf(network.graph, "Weight").reduce(
      (sum, { name, attrs }) => (names.has(name) ? sum + sizeOf(attrs.shape) : sum),
      0,
    );
  const all = nodesOf(network.graph, "Weight").map(({ name }) => name);
  const parameters = count(new Set(trained));
  const shape = split.above.graph.nodes.get(split.cut)!.shape.slice(1) as readonly number[]; // the batch is first
  const rows = training.labels.length * (split.below && options.augment ? 1 + (options.augmentVariants ?? 0) : 1);
  return {
    layers: layers.length,
    parameters,
    frozen: count(new Set(all)) - parameters,
    cut: split.below ? split.cut : undefined,
    bytes: rowBytes({ rows, columns: sizeOf(shape) }),
  };
}

/** Tells one training from another: a checkpoint fits where this is the same. */
function trainingKey(
  { trunk, options, dataset, chosen }: Ready,
  { split }: PreparedNetwork,
  head: Model,
  { training, validation }: RowSides,
  kernels: string,
): string {
  const { network, seed, batch, augment, augmentVariants, classWeights } = options;
  const settings = { network, seed, batch, augment, augmentVariants, classWeights, kernels, window: chosen.window };
  const images = dataset.images.map(({ relative, label }) => [relative, label]);
  const { below } = split;
  return createHash("sha256")
    .update(
      JSON.stringify({ trunk: trunk.key, settings, images, training: training.labels, validation: validation?.labels }),
    )
    .update(writeSafetensors(head.weights, {}))
    .update(below ? encode(lower(below, inference)) : "whole")
    .digest("hex");
}
