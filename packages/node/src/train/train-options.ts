/** Everything that a training can be told, and what is taken where nothing is said. */
import {
  type Convention,
  conventions,
  defaultResolution,
  type Fit,
  fits,
  InputError,
  type ModelName,
  modelNames,
  type OptimizerName,
  optimizers,
  settleOptions,
} from "@grayling/core";
import { bundledModel } from "../backbone/open-backbone.js";
import { didYouMean } from "../did-you-mean.js";
import { type Device, devices } from "../runtime/open-runtime.js";

export interface TrainOptions {
  /** Default `efficientnet-lite0`, whose weights are bundled. */
  readonly model?: string | undefined;
  /** "imagenet" (default), "random", or the path of a weight file. */
  readonly weights?: string | undefined;
  /** Whose borders, epsilon and preprocessing the weights want; default: what the weight file tells. */
  readonly convention?: string | undefined;
  /** Of B0–B7, "imagenet" or "none": whether Keras built it for its ImageNet weights; default: what the weight file tells. */
  readonly topology?: string | undefined;
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

/** How a head of layers is trained, with nothing left open. */
export interface LayerTraining {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Of adamw. */
  readonly weightDecay?: number | undefined;
  /** Of sgd. */
  readonly momentum?: number | undefined;
  readonly epochs: number;
  readonly patience: number;
}

/** `TrainOptions` with nothing left open; what does not apply is absent. */
export interface ResolvedOptions {
  readonly model: ModelName;
  readonly weights: string;
  /** Absent: what the weight file tells. */
  readonly convention?: Convention;
  /** As `convention`. */
  readonly topology?: "imagenet" | "none";
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** Absent with `folds`. */
  readonly validation?: number;
  readonly folds?: number;
  readonly pooling: "avg" | "max";
  readonly head: string;
  readonly classWeights?: "balanced";
  /** Absent with the linear head, which has an optimum and needs none of this. */
  readonly layers?: LayerTraining;
  readonly batch: number;
  readonly seed: number;
  readonly device: Device;
  /** Absent: one per core. */
  readonly threads?: number;
}

/** Throws `InputError` for an option that is none of its values, or that the others leave without effect. */
export function resolveOptions(options: TrainOptions): ResolvedOptions {
  const model = oneOf("model", options.model ?? bundledModel, modelNames);
  const { device = "auto", fit = "stretch", pooling = "avg", head = "linear" } = options;
  const { classWeights, convention, topology, threads } = options;
  const batch = whole("batch", options.batch ?? 32, 1);
  const seed = whole("seed", options.seed ?? 0, 0);
  return {
    model,
    weights: options.weights ?? "imagenet",
    ...(convention !== undefined && { convention: oneOf("convention", convention, conventions) }),
    ...(topology !== undefined && { topology: oneOf("topology", topology, ["imagenet", "none"] as const) }),
    height: whole("height", options.height ?? defaultResolution(model), 32),
    width: whole("width", options.width ?? defaultResolution(model), 32),
    fit: oneOf("fit", fit, fits),
    ...resolveSplit(options),
    pooling: oneOf("pooling", pooling, ["avg", "max"] as const),
    head,
    ...(classWeights !== undefined && { classWeights: oneOf("class weights", classWeights, ["balanced"] as const) }),
    ...resolveLayers(head, options, { batch, seed }),
    batch,
    seed,
    device: oneOf("device", device, devices),
    ...(threads !== undefined && { threads: whole("threads", threads, 1) }),
  };
}

function resolveSplit({ validation, folds }: TrainOptions): Pick<ResolvedOptions, "validation" | "folds"> {
  if (folds === undefined) return { validation: part("validation", validation ?? 0.2) };
  if (validation === undefined) return { folds: whole("folds", folds, 2) };
  throw new InputError("validation, folds: with folds every image validates once; leave one of them out");
}

/** The options that only a head of layers has, as messages call them. */
const layerOptions = {
  optimizer: "optimizer",
  learningRate: "learning rate",
  weightDecay: "weight decay",
  momentum: "momentum",
  epochs: "epochs",
  patience: "patience",
} as const satisfies Partial<Record<keyof TrainOptions, string>>;

function resolveLayers(
  head: string,
  options: TrainOptions,
  common: { readonly batch: number; readonly seed: number },
): Pick<ResolvedOptions, "layers"> {
  if (head.trim().toLowerCase() === "linear") {
    const names = Object.keys(layerOptions) as (keyof typeof layerOptions)[]; // the keys of a closed table
    const given = names.find((name) => options[name] !== undefined);
    if (given === undefined) return {};
    throw new InputError(
      `${layerOptions[given]}: only a head of layers has it, got head "linear"; leave it out, or give layers such as "dense(256,relu)"`,
    );
  }
  const optimizer = oneOf("optimizer", options.optimizer ?? "adam", Object.keys(optimizers) as OptimizerName[]);
  const { learningRate, weightDecay, momentum, epochs, patience } = settleOptions({
    ...options,
    ...common,
    optimizer,
    classWeights: undefined,
  });
  return {
    layers: {
      optimizer,
      learningRate,
      ...(weightDecay !== undefined && { weightDecay }),
      ...(momentum !== undefined && { momentum }),
      epochs,
      patience,
    },
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
