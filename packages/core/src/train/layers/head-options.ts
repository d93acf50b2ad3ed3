/** How the layers of a head are trained: what may be set, and what is taken where it is not. */
import { InputError } from "../../errors.js";
import type { ClassWeights } from "../class-weights.js";
import type { OptimizerName } from "./optimizer-rules.js";
import { optimizers, type Update } from "./optimizers.js";

/** What core needs of an `AbortSignal`. */
export interface StopSignal {
  /** Throws the reason, if a stop has been asked for. */
  throwIfAborted(): void;
}

/** One epoch, as it is reported and kept. Accuracies are 0–1, losses in nats. */
export interface HeadEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's batches, while the weights change and dropout is on. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the images held out to decide when to stop, after the epoch; absent where there are none. */
  readonly stopLoss?: number;
  readonly stopAccuracy?: number;
  readonly learningRate: number;
}

export interface HeadOptions {
  /** Draws initial weights, order, masks and the images held out. */
  readonly seed: number;
  /** Default "adam". */
  readonly optimizer?: OptimizerName | undefined;
  /** Default as Keras': 0.001, for "sgd" 0.01. */
  readonly learningRate?: number | undefined;
  /** Only for "adamw": see there; default 0.004. */
  readonly weightDecay?: number | undefined;
  /** Only for "sgd": 0 up to 1, default 0. */
  readonly momentum?: number | undefined;
  /** At most so many; default 50. */
  readonly epochs?: number | undefined;
  /** Images per update; the last batch of an epoch may be smaller; default 32. */
  readonly batch?: number | undefined;
  /** Stops after so many epochs without a better loss of the held-out images; default 5. */
  readonly patience?: number | undefined;
  /** Default: every image counts 1. */
  readonly classWeights?: ClassWeights | undefined;
  /** The part of each target that is spread over all classes; 0 up to 1, default 0. */
  readonly labelSmoothing?: number | undefined;
  readonly onEpoch?: ((epoch: HeadEpoch) => void) | undefined;
  /** Asked before each batch. */
  readonly signal?: StopSignal | undefined;
}

/** Options with everything decided. */
export interface HeadSettings extends HeadOptions {
  readonly update: Update;
  readonly learningRate: number;
  readonly epochs: number;
  readonly batch: number;
  readonly patience: number;
  readonly labelSmoothing: number;
}

/** Source: Keras 3.15, `keras/src/optimizers`. */
const learningRates: { readonly [K in OptimizerName]: number } = { sgd: 0.01, adam: 1e-3, adamw: 1e-3 };

/** Fills in the defaults. Throws `InputError` for values out of range and for settings that the optimizer does not have. */
export function settleOptions(options: HeadOptions): HeadSettings {
  const { optimizer = "adam", weightDecay, momentum } = options;
  if (!Object.hasOwn(optimizers, optimizer)) {
    const names = Object.keys(optimizers).join(", ");
    throw new InputError(`optimizer: expected one of ${names}, got "${optimizer}"`);
  }
  const { learningRate = learningRates[optimizer], labelSmoothing = 0 } = options;
  const { epochs = 50, batch = 32, patience = 5 } = options;
  if (!(learningRate > 0 && learningRate < Infinity)) reject("learning rate", "a number above 0", learningRate);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    reject("label smoothing", "0 up to 1 (not 1 itself)", labelSmoothing);
  for (const [name, count] of Object.entries({ epochs, batch, patience })) {
    if (!Number.isInteger(count) || count < 1) reject(name, "a whole number from 1", count);
  }
  // Source: Keras 3.15, `keras/src/optimizers/{adamw,sgd}.py`.
  const own = {
    weightDecay: weightDecay ?? (optimizer === "adamw" ? 0.004 : undefined),
    momentum: momentum ?? (optimizer === "sgd" ? 0 : undefined),
  };
  const update = makeUpdate(optimizer, own.weightDecay, own.momentum);
  return { ...options, ...own, optimizer, update, learningRate, epochs, batch, patience, labelSmoothing };
}

function makeUpdate(optimizer: OptimizerName, weightDecay: number | undefined, momentum: number | undefined): Update {
  if (weightDecay !== undefined) {
    if (optimizer !== "adamw") throw new InputError(`weight decay: only the optimizer adamw has it, got ${optimizer}`);
    if (!(weightDecay >= 0 && weightDecay < Infinity)) reject("weight decay", "a number from 0", weightDecay);
  }
  if (momentum !== undefined) {
    if (optimizer !== "sgd") throw new InputError(`momentum: only the optimizer sgd has it, got ${optimizer}`);
    if (!(momentum >= 0 && momentum < 1)) reject("momentum", "0 up to 1 (not 1 itself)", momentum);
  }
  return optimizers[optimizer]({
    ...(weightDecay !== undefined && { weightDecay }),
    ...(momentum !== undefined && { momentum }),
  });
}

function reject(subject: string, expected: string, got: number): never {
  throw new InputError(`${subject}: expected ${expected}, got ${got}`);
}
