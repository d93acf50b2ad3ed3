/** Everything that a training can be told, and what is taken where nothing is said. */
import {
  defaultResolution,
  type Fit,
  fits,
  InputError,
  type ModelName,
  modelNames,
  type OptimizerName,
} from "@grayling/core";
import { bundledModel } from "../backbone/open-backbone.js";
import { didYouMean } from "../did-you-mean.js";
import { type Device, devices } from "../runtime/open-runtime.js";

const optimizers: readonly OptimizerName[] = ["adam", "adamw", "sgd"];

export interface TrainOptions {
  /** Default `efficientnet-lite0`, whose weights are bundled. */
  readonly model?: string | undefined;
  /** "imagenet" (default), "random", or the path of a weight file. */
  readonly weights?: string | undefined;
  /** px; default: the model's own resolution. */
  readonly height?: number | undefined;
  /** px; default: the model's own resolution. */
  readonly width?: number | undefined;
  /** How an image of another shape becomes height × width; default "stretch", as in Keras. */
  readonly fit?: string | undefined;
  /** Part of the images, 0 up to 1, that validates; stratified by class. Default 0.2; ready-made splits override it. */
  readonly validation?: number | undefined;
  /** Cross-validation: so many stratified folds instead of one validation split. Default: none. */
  readonly folds?: number | undefined;
  /** How the trunk's last map becomes features: "avg" (default) or "max". */
  readonly pooling?: string | undefined;
  /** "linear" (default) or layers, `flatten dense(256,relu) dropout(0.5)`. */
  readonly head?: string | undefined;
  /** "balanced": every class counts the same, however many images it has. Default: every image counts the same. */
  readonly classWeights?: string | undefined;
  /** Of a head of layers; default "adam". */
  readonly optimizer?: string | undefined;
  /** Of a head of layers; default: the optimizer's. */
  readonly learningRate?: number | undefined;
  /** Of a head of layers, with adamw; default 0.004. */
  readonly weightDecay?: number | undefined;
  /** Of a head of layers, with sgd; default 0. */
  readonly momentum?: number | undefined;
  /** Of a head of layers: at most so many epochs; default 50. */
  readonly epochs?: number | undefined;
  /** Of a head of layers: epochs without improvement until it stops; default 5. */
  readonly patience?: number | undefined;
  /** Images in one step of the trunk and of a head of layers; default 32. */
  readonly batch?: number | undefined;
  /** Of splits, initial weights and shuffles; default 0. */
  readonly seed?: number | undefined;
  /** Default "auto". */
  readonly device?: string | undefined;
  /** Threads of ONNX Runtime; default: one per core. */
  readonly threads?: number | undefined;
}

/** `TrainOptions` with nothing left open. */
export interface ResolvedOptions {
  readonly model: ModelName;
  readonly weights: string;
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  readonly validation: number;
  readonly folds: number | null;
  readonly pooling: "avg" | "max";
  readonly head: string;
  readonly classWeights: "balanced" | null;
  readonly optimizer: OptimizerName;
  readonly learningRate: number | null;
  readonly weightDecay: number | null;
  readonly momentum: number | null;
  readonly epochs: number;
  readonly patience: number;
  readonly batch: number;
  readonly seed: number;
  readonly device: Device;
  readonly threads: number | null;
}

/** Throws `InputError` for an option that is none of its values. */
export function resolveOptions(options: TrainOptions): ResolvedOptions {
  const model = oneOf("model", options.model ?? bundledModel, modelNames);
  const { device = "auto", optimizer = "adam", fit = "stretch", pooling = "avg", classWeights = null } = options;
  return {
    model,
    weights: options.weights ?? "imagenet",
    height: whole("height", options.height ?? defaultResolution(model), 32),
    width: whole("width", options.width ?? defaultResolution(model), 32),
    fit: oneOf("fit", fit, fits),
    validation: part("validation", options.validation ?? 0.2),
    folds: options.folds === undefined ? null : whole("folds", options.folds, 2),
    pooling: oneOf("pooling", pooling, ["avg", "max"] as const),
    head: options.head ?? "linear",
    classWeights: classWeights === null ? null : oneOf("class weights", classWeights, ["balanced"] as const),
    optimizer: oneOf("optimizer", optimizer, optimizers),
    learningRate: optionalPositive("learning rate", options.learningRate),
    weightDecay: optionalPositive("weight decay", options.weightDecay),
    momentum: optionalPositive("momentum", options.momentum),
    epochs: whole("epochs", options.epochs ?? 50, 1),
    patience: whole("patience", options.patience ?? 5, 1),
    batch: whole("batch", options.batch ?? 32, 1),
    seed: whole("seed", options.seed ?? 0, 0),
    device: oneOf("device", device, devices),
    threads: options.threads === undefined ? null : whole("threads", options.threads, 1),
  };
}

/** The value among those allowed. Throws `InputError` that names them, and the nearest. */
export function oneOf<T extends string>(what: string, value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError(`${what} "${value}": expected one of ${values.join(", ")}${didYouMean(value, values)}`);
}

function whole(what: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(`${what} ${value}: expected a whole number of at least ${least}`);
}

function part(what: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new InputError(`${what} ${value}: expected a number from 0 up to 1 (not 1 itself)`);
}

function optionalPositive(what: string, value: number | undefined): number | null {
  if (value === undefined) return null;
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new InputError(`${what} ${value}: expected a number of at least 0`);
}
