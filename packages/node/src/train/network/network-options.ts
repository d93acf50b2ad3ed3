/** How the network itself is trained: what may be set, and what is taken where nothing is said. */
import {
  baseMemory,
  didYouMean,
  InputError,
  type OptimizerName,
  optimizers,
  type ScheduleName,
  scheduleNames,
  unfreezeWords,
} from "@grayling/core";
import { type CacheType, cacheTypes } from "../../features/activation-cache.js";
import { oneOf } from "../../one-of.js";
import { whole } from "../whole-number.js";
import { type KernelChoice, kernelChoices } from "./trainer-messages.js";

/** As a user gives them. */
export interface NetworkTrainingOptions {
  /** Which layers train besides the head: "head" (default: none), "top", "block7" … "block1" with all above, "all", or patterns. */
  readonly unfreeze?: string | undefined;
  /** "frozen" (default), or "train": normalized by each batch, moving averages learned, for training from random weights. */
  readonly bn?: string | undefined;
  /** "auto" (default), "portable" or "blocked". */
  readonly kernels?: string | undefined;
  /** "constant", "cosine" (default), "one-cycle", "step" or "plateau". */
  readonly schedule?: string | undefined;
  /** Of the schedule "plateau": epochs without improvement until the rate falls; default a third of `patience`. */
  readonly plateauPatience?: number | undefined;
  /** Of the schedule "plateau": what then is left of the rate; default 0.1. */
  readonly plateauFactor?: number | undefined;
  /** Epochs over which the rate rises; default 1. */
  readonly warmUp?: number | undefined;
  /** Part of each target spread over all classes; default 0.1. */
  readonly labelSmoothing?: number | undefined;
  /** α of mixup; default 0, none. */
  readonly mixup?: number | undefined;
  /** α of CutMix; default 0, none. */
  readonly cutmix?: number | undefined;
  /** Largest norm of all gradients together; default 1, 0: none. */
  readonly clipNorm?: number | undefined;
  /** What the moving average of the weights keeps at each step; default: no average. */
  readonly ema?: number | undefined;
  /** Each block below the top gets this part of the rate of the one above; default 1. */
  readonly layerDecay?: number | undefined;
  /** Whether residual branches are dropped at random, as the network was designed; default false: few epochs need it not. */
  readonly stochasticDepth?: boolean | undefined;
  /** Images that go through the graph at once; gradients of a batch add up. Default: the whole batch. */
  readonly microBatch?: number | undefined;
  /** Bytes that the training may take, such as "2G" or "800M": a batch goes through in as many parts as that needs. Default: any. */
  readonly memory?: string | undefined;
  /** How activations at the cut are kept on disk: "float32" (default), or "float16", half as large and rounded to 11 bits. */
  readonly cacheType?: string | undefined;
  /** What decides about the best epoch, and whether the network is kept: validation "accuracy" (default; of equal ones the lower loss) or "loss". */
  readonly monitor?: string | undefined;
}

/** Of what trains by epochs: the network, where layers of it train, else a head of layers. */
export interface EpochOptions {
  /** Of the network, where layers of it train (default "adamw"), else of a head of layers (default "adam"); so are those below. */
  readonly optimizer?: string | undefined;
  /** Default: the optimizer's. */
  readonly learningRate?: number | undefined;
  /** With adamw; default 0.01 for the network, 0.004 for a head. */
  readonly weightDecay?: number | undefined;
  /** With sgd; default 0.9 for the network, 0 for a head. */
  readonly momentum?: number | undefined;
  /** At most so many epochs; default 15 for the network, 50 for a head. */
  readonly epochs?: number | undefined;
  /** Epochs without improvement until it stops; default 10 for the network, 5 for a head. */
  readonly patience?: number | undefined;
}

/** With nothing left open. */
export interface NetworkTraining {
  readonly unfreeze: string;
  readonly batchNorm: "frozen" | "train";
  readonly stochasticDepth: boolean;
  readonly kernels: KernelChoice;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentum?: number | undefined;
  readonly epochs: number;
  readonly patience: number;
  readonly watched: "loss" | "accuracy";
  readonly schedule: ScheduleName;
  readonly plateau: { readonly patience: number; readonly factor: number };
  readonly warmUp: number;
  readonly labelSmoothing: number;
  readonly mixup: number;
  readonly cutmix: number;
  readonly clipNorm?: number | undefined;
  readonly average?: number | undefined;
  readonly layerDecay: number;
  readonly microBatch?: number | undefined;
  readonly memory?: number | undefined; // bytes
  readonly cacheType: CacheType;
}

/** Peak rates: a tenth of what training from nothing takes, for few images make few steps. */
const learningRates: { readonly [K in OptimizerName]: number } = { sgd: 0.01, adam: 3e-4, adamw: 3e-4 };

/**
 * The first gradients of Lite0 on handwritten letters are 30 to 2,000 long, and one strange image makes a batch's ten times as long as
 * its neighbours'. Unlimited, such batches decide where the network goes: with a rate of 1e-3 its features are gone after an epoch.
 */
const defaultClipNorm = 1;

const networkOnly = {
  bn: "bn",
  kernels: "kernels",
  schedule: "schedule",
  plateauPatience: "plateau patience",
  plateauFactor: "plateau factor",
  warmUp: "warm-up",
  labelSmoothing: "label smoothing",
  mixup: "mixup",
  cutmix: "cutmix",
  clipNorm: "clip norm",
  ema: "ema",
  layerDecay: "layer decay",
  stochasticDepth: "stochastic depth",
  microBatch: "micro batch",
  memory: "memory",
  cacheType: "cache type",
  monitor: "monitor",
} as const satisfies Partial<Record<keyof NetworkTrainingOptions, string>>;

/**
 * Undefined where only the head trains. Throws `InputError` for a value out of its range, and for an option that has no
 * effect on a head alone.
 */
export function resolveNetwork(
  options: NetworkTrainingOptions & EpochOptions,
  batch: number,
): NetworkTraining | undefined {
  const unfreeze = resolveUnfreeze(options);
  if (unfreeze === undefined) return undefined;
  const { microBatch, memory } = options;
  const epochs = whole("epochs", options.epochs ?? 15, 1);
  return {
    unfreeze,
    batchNorm: oneOf("bn", options.bn ?? "frozen", ["frozen", "train"] as const),
    kernels: oneOf("kernels", options.kernels ?? "auto", kernelChoices),
    ...resolveOptimizer(options),
    epochs,
    patience: whole("patience", options.patience ?? defaultPatience, 1),
    cacheType: oneOf("cache type", options.cacheType ?? "float32", cacheTypes),
    watched: oneOf("monitor", options.monitor ?? "accuracy", ["loss", "accuracy"] as const),
    schedule: oneOf("schedule", options.schedule ?? "cosine", scheduleNames),
    plateau: resolvePlateau(options),
    warmUp: number("warm-up", options.warmUp ?? Math.min(1, epochs / 5), 0, epochs),
    ...resolveRegularization(options),
    ...(memory !== undefined && { memory: bytes(memory) }),
    ...(microBatch !== undefined && { microBatch: Math.min(batch, whole("micro batch", microBatch, 1)) }),
  };
}

/** Undefined where only the head trains; whether patterns match is known when the network is. */
function resolveUnfreeze(options: NetworkTrainingOptions): string | undefined {
  const { unfreeze = "head" } = options;
  const word = unfreeze.trim().toLowerCase();
  if (word === "head") {
    const keys = Object.keys(networkOnly) as (keyof typeof networkOnly)[]; // the keys of a closed table
    const stray = keys.find((key) => options[key] !== undefined);
    if (stray === undefined) return undefined;
    throw new InputError(
      `${networkOnly[stray]}: only where layers of the network train; say which, such as --unfreeze block6, or leave it out`,
    );
  }
  const near = /[*,]/.test(unfreeze) ? "" : didYouMean(unfreeze, unfreezeWords);
  if (near === "" || unfreezeWords.includes(word)) return unfreeze;
  throw new InputError(
    `unfreeze "${unfreeze}": expected ${unfreezeWords.join(", ")}, or patterns on layer names${near}`,
  );
}

type Moved = Pick<
  NetworkTraining,
  "optimizer" | "learningRate" | "weightDecay" | "momentum" | "clipNorm" | "average" | "layerDecay"
>;

function resolveOptimizer(options: NetworkTrainingOptions & EpochOptions): Moved {
  const optimizer = oneOf("optimizer", options.optimizer ?? "adamw", Object.keys(optimizers) as OptimizerName[]);
  const { momentum = optimizer === "sgd" ? 0.9 : undefined, clipNorm = defaultClipNorm, ema } = options;
  refuseContradictions(options, optimizer);
  return {
    optimizer,
    learningRate: number("learning rate", options.learningRate ?? learningRates[optimizer], Number.MIN_VALUE, 100),
    weightDecay: number("weight decay", options.weightDecay ?? (optimizer === "adamw" ? 0.01 : 0), 0, 1),
    ...(momentum !== undefined && { momentum: number("momentum", momentum, 0, 0.9999) }),
    ...(clipNorm !== 0 && { clipNorm: number("clip norm", clipNorm, 0, 1e6) }),
    ...(ema !== undefined && { average: number("ema", ema, 0, 0.999999) }),
    layerDecay: number("layer decay", options.layerDecay ?? 1, 0.01, 1),
  };
}

const resolveRegularization = (
  options: NetworkTrainingOptions,
): Pick<NetworkTraining, "stochasticDepth" | "labelSmoothing" | "mixup" | "cutmix"> => ({
  stochasticDepth: options.stochasticDepth ?? false,
  labelSmoothing: number("label smoothing", options.labelSmoothing ?? 0.1, 0, 0.9999),
  mixup: number("mixup", options.mixup ?? 0, 0, 100),
  cutmix: number("cutmix", options.cutmix ?? 0, 0, 100),
});

const defaultPatience = 10;

/**
 * "plateau" must act before early stopping does: after a third of its patience. Keras' and PyTorch's `ReduceLROnPlateau` wait
 * 10 epochs and leave a tenth.
 */
function resolvePlateau({
  schedule,
  patience = defaultPatience,
  plateauPatience,
  plateauFactor,
}: NetworkTrainingOptions & EpochOptions): NetworkTraining["plateau"] {
  const stray = plateauPatience === undefined ? (plateauFactor === undefined ? "" : "factor") : "patience";
  if (stray !== "" && schedule !== "plateau") {
    throw new InputError(
      `plateau ${stray}: only the schedule plateau has it, got ${schedule ?? "cosine"}; say --schedule plateau, or leave it out`,
    );
  }
  return {
    patience: whole("plateau patience", plateauPatience ?? Math.max(1, Math.floor(patience / 3)), 1),
    factor: number("plateau factor", plateauFactor ?? 0.1, Number.MIN_VALUE, 0.9999),
  };
}

function refuseContradictions(
  { weightDecay, momentum, microBatch, memory, bn }: NetworkTrainingOptions & EpochOptions,
  optimizer: OptimizerName,
): void {
  if (weightDecay !== undefined && optimizer === "adam") {
    throw new InputError("weight decay: adam has none, expected adamw or sgd");
  }
  if (momentum !== undefined && optimizer !== "sgd") {
    throw new InputError(`momentum: only the optimizer sgd has it, got ${optimizer}`);
  }
  if (microBatch !== undefined && memory !== undefined) {
    throw new InputError("memory, micro batch: the one chooses the other; leave one of them out");
  }
  if ((microBatch ?? memory) !== undefined && bn === "train") {
    throw new InputError(
      "micro batch: with --bn train each part would be normalized by itself; leave it out, or take a smaller --batch",
    );
  }
}

const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `800M`, `2G`, `1.5 GiB`. */
function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgt])i?b?$/i.exec(text.trim());
  const value = match ? Number(match[1]) * units[match[2]!.toLowerCase()]! : Number.NaN;
  if (value > baseMemory) return value;
  const least = `${baseMemory / 2 ** 20}M (what Node and ONNX Runtime take)`;
  throw new InputError(`memory "${text}": expected a number with M or G, above ${least}, such as 800M or 2G`);
}

function number(what: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  const from = least === Number.MIN_VALUE ? "above 0" : `from ${least}`;
  throw new InputError(`${what} ${value}: expected a number ${from} up to ${most}`);
}
