/** How the network itself is trained: what may be set, and what is taken where nothing is said. */
import {
  InputError,
  type OptimizerName,
  optimizers,
  type ScheduleName,
  scheduleNames,
  unfreezeWords,
} from "@grayling/core";
import { didYouMean } from "../../did-you-mean.js";
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
  /** Epochs over which the rate rises; default 1. */
  readonly warmUp?: number | undefined;
  /** Part of each target spread over all classes; default 0.1. */
  readonly labelSmoothing?: number | undefined;
  /** α of mixup; default 0, none. */
  readonly mixup?: number | undefined;
  /** α of CutMix; default 0, none. */
  readonly cutmix?: number | undefined;
  /** Largest norm of all gradients together; default: none. */
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
  /** What decides about the best epoch: validation "loss" (default) or "accuracy". */
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
  readonly warmUp: number;
  readonly labelSmoothing: number;
  readonly mixup: number;
  readonly cutmix: number;
  readonly clipNorm?: number | undefined;
  readonly average?: number | undefined;
  readonly layerDecay: number;
  readonly microBatch?: number | undefined;
  readonly memory?: number | undefined; // bytes
}

/** Peak rates: a tenth of what training from nothing takes. With 1e-3 an adaptive optimizer destroys the features of Lite0 in its first epoch. */
const learningRates: { readonly [K in OptimizerName]: number } = { sgd: 0.01, adam: 3e-4, adamw: 3e-4 };

const networkOnly = {
  bn: "bn",
  kernels: "kernels",
  schedule: "schedule",
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
  const { unfreeze = "head" } = options;
  if (unfreeze.trim().toLowerCase() === "head") {
    const keys = Object.keys(networkOnly) as (keyof typeof networkOnly)[]; // the keys of a closed table
    const stray = keys.find((key) => options[key] !== undefined);
    if (stray === undefined) return undefined;
    throw new InputError(
      `${networkOnly[stray]}: only where layers of the network train; say which, such as --unfreeze block6, or leave it out`,
    );
  }
  const near = /[*,]/.test(unfreeze) ? "" : didYouMean(unfreeze, unfreezeWords);
  if (near !== "" && !unfreezeWords.includes(unfreeze.trim().toLowerCase())) {
    throw new InputError(
      `unfreeze "${unfreeze}": expected ${unfreezeWords.join(", ")}, or patterns on layer names${near}`,
    );
  }
  const optimizer = oneOf("optimizer", options.optimizer ?? "adamw", Object.keys(optimizers) as OptimizerName[]);
  const { momentum = optimizer === "sgd" ? 0.9 : undefined, clipNorm, ema, microBatch } = options;
  const epochs = whole("epochs", options.epochs ?? 15, 1);
  const warmUp = number("warm-up", options.warmUp ?? Math.min(1, epochs / 5), 0, epochs);
  refuseContradictions(options, optimizer);
  return {
    unfreeze,
    batchNorm: oneOf("bn", options.bn ?? "frozen", ["frozen", "train"] as const),
    stochasticDepth: options.stochasticDepth ?? false,
    kernels: oneOf("kernels", options.kernels ?? "auto", kernelChoices),
    optimizer,
    learningRate: number("learning rate", options.learningRate ?? learningRates[optimizer], Number.MIN_VALUE, 100),
    weightDecay: number("weight decay", options.weightDecay ?? (optimizer === "adamw" ? 0.01 : 0), 0, 1),
    ...(momentum !== undefined && { momentum: number("momentum", momentum, 0, 0.9999) }),
    epochs,
    patience: whole("patience", options.patience ?? 10, 1),
    watched: oneOf("monitor", options.monitor ?? "loss", ["loss", "accuracy"] as const),
    schedule: oneOf("schedule", options.schedule ?? "cosine", scheduleNames),
    warmUp,
    labelSmoothing: number("label smoothing", options.labelSmoothing ?? 0.1, 0, 0.9999),
    mixup: number("mixup", options.mixup ?? 0, 0, 100),
    cutmix: number("cutmix", options.cutmix ?? 0, 0, 100),
    ...(clipNorm !== undefined && { clipNorm: number("clip norm", clipNorm, Number.MIN_VALUE, 1e6) }),
    ...(ema !== undefined && { average: number("ema", ema, 0, 0.999999) }),
    layerDecay: number("layer decay", options.layerDecay ?? 1, 0.01, 1),
    ...(options.memory !== undefined && { memory: bytes(options.memory) }),
    ...(microBatch !== undefined && { microBatch: Math.min(batch, whole("micro batch", microBatch, 1)) }),
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
  if (match) return Number(match[1]) * units[match[2]!.toLowerCase()]!;
  throw new InputError(`memory "${text}": expected a number with M or G, such as 800M or 2G`);
}

function number(what: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  const from = least === Number.MIN_VALUE ? "above 0" : `from ${least}`;
  throw new InputError(`${what} ${value}: expected a number ${from} up to ${most}`);
}
