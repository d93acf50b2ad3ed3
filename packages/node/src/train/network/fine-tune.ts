/** Trains layers of the network itself, from the optimum of the head on; what does not get better is left as it was. */
import {
  classificationMetrics,
  countImages,
  type FitEvent,
  type Model,
  type NetworkRows,
  nodesOf,
  type PreparedNetwork,
  prepareNetwork,
  type SplitSide,
  sizeOf,
  weightsOfClasses,
} from "@grayling/core";
import type { FoldResults } from "../cross-validate.js";
import type { Evaluated } from "../evaluate-head.js";
import type { Ready } from "../with-features.js";
import { type FittedNetwork, fitRows, type RowSides } from "./fit-rows.js";
import type { NetworkTraining } from "./network-options.js";
import type { StoredRows } from "./network-rows.js";
import { rowBytes } from "./row-store.js";
import { storeRows } from "./store-rows.js";
import { trainingKey } from "./training-key.js";
import type { Unfinished, UnfinishedFold, UnfinishedRun } from "./unfinished-run.js";
import { imagesAtOnce, startingHead } from "./with-network.js";

/** A network after its training, and how well it does; undefined for a side without images. */
export interface TunedNetwork extends FittedNetwork {
  readonly prepared: PreparedNetwork;
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  /** Of the images that train, as they are; only where no others tell how well it does. */
  readonly training: Evaluated | undefined;
}

/** Between two epochs a checkpoint is written after so long. */
const saveEveryMs = 3 * 60_000;

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
  const network = networkOf(ready);
  const head = startingHead(ready, network, solved);
  const prepared = prepareNetwork(ready.backbone.model, head, network);
  const rows = await storeRows(
    ready,
    sides.map((side) => side === "train"),
    prepared,
  );
  try {
    const indicesOf = (side: SplitSide) => [...sides.keys()].filter((i) => sides[i] === side);
    const own = (side: SplitSide) => (sides.includes(side) ? rows.side(indicesOf(side), false) : undefined);
    const [validation, test] = [own("val"), own("test")];
    const training = validation || ready.options.folds ? undefined : own("train");
    const fitted = await fitSide(
      ready,
      prepared,
      head,
      {
        training: rows.side(indicesOf("train"), true),
        validation,
        measured: { ...(validation && { validation }), ...(test && { test }), ...(training && { training }) },
      },
      unfinished,
    );
    const { validation: ofValidation, test: ofTest, training: ofTraining } = fitted.measured;
    return { ...fitted, prepared, validation: ofValidation, test: ofTest, training: ofTraining };
  } finally {
    await rows.close();
  }
}

/**
 * Cross-validation: each fold's images measured once by a network that has not seen them, after the last epoch, so that
 * no fold decides about its own measure. It begins with the folds' own heads. Folds that are finished are not trained again.
 */
export async function fineTuneFolds(
  ready: Ready,
  developing: readonly number[],
  { foldOf, heads: solved }: Pick<FoldResults, "foldOf" | "heads">,
  unfinished: UnfinishedRun | undefined,
): Promise<readonly Evaluated[]> {
  const training = networkOf(ready);
  const heads = solved.map((head) => startingHead(ready, training, head));
  const developed = new Set(developing);
  const isTraining = ready.dataset.images.map((_, i) => developed.has(i));
  const prepared = prepareNetwork(ready.backbone.model, heads[0]!, training);
  const rows = await storeRows(ready, isTraining, prepared);
  try {
    const folds: Evaluated[] = [];
    for (const [fold, head] of heads.entries()) {
      const sides = foldSides(rows, developing, (row) => foldOf[row] === fold);
      const evaluated = await fitFold(ready, head, sides, unfinished?.fold(fold));
      ready.onEvent({
        kind: "fold",
        of: "network",
        fold: fold + 1,
        folds: heads.length,
        accuracy: evaluated.metrics.accuracy,
      });
      folds.push(evaluated);
    }
    return folds;
  } finally {
    await rows.close();
  }
}

function foldSides(rows: StoredRows, developing: readonly number[], isHeldOut: (row: number) => boolean): FoldSides {
  const heldOut = developing.filter((_, row) => isHeldOut(row));
  const others = developing.filter((_, row) => !isHeldOut(row));
  return { training: rows.side(others, true), validation: undefined, heldOut: rows.side(heldOut, false) };
}

interface FoldSides extends Pick<RowSides, "training"> {
  readonly validation: undefined;
  readonly heldOut: NetworkRows;
}

/** Trains a fold, or finds what it gave when it was trained before. */
async function fitFold(
  ready: Ready,
  head: Model,
  { heldOut, ...sides }: FoldSides,
  unfinished: UnfinishedFold | undefined,
): Promise<Evaluated> {
  const { classes } = ready.dataset;
  const prepared = prepareNetwork(ready.backbone.model, head, networkOf(ready));
  const measured: RowSides = { ...sides, measured: { heldOut } };
  // Kernels are known when a thread is open, which a finished fold does not need: the choice among the options must do.
  const key = unfinished && trainingKey(ready, prepared, head, measured, "any");
  const probabilities = key && (await unfinished?.finished(key));
  if (probabilities) return { probabilities, metrics: classificationMetrics(heldOut.labels, probabilities, classes) };
  const fitted = await fitSide(ready, prepared, head, measured, unfinished);
  const evaluated = fitted.measured["heldOut"]!;
  if (key) await unfinished?.finish(key, evaluated.probabilities);
  return evaluated;
}

function networkOf({ options }: Ready): NetworkTraining {
  if (!options.network) throw new Error("internal: no layer of the network trains");
  return options.network;
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
function describe(prepared: PreparedNetwork, ready: Ready, { training }: RowSides) {
  const { layers, trained, network, split } = prepared;
  const { options } = ready;
  const batch = Math.min(options.batch, training.labels.length);
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
    batch,
    imagesAtOnce: imagesAtOnce(prepared, networkOf(ready), batch),
  };
}
