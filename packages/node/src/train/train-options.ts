/** Everything that a training can be told, and what is taken where nothing is said. */
import {
  type AugmentOptions,
  type AugmentTexts,
  type Convention,
  checkFraming,
  conventions,
  defaultResolution,
  type Fit,
  fits,
  InputError,
  type Interpolation,
  interpolations,
  type ModelName,
  modelNames,
  type OptimizerName,
  optimizers,
  parseAugmentation,
  parseWindow,
  settleOptions,
  showWindow,
} from "@grayling/core";
import { bundledModel } from "../backbone/open-backbone.js";
import { type KerasSplitName, kerasSplitNames, refuseAmbiguousKeras } from "../dataset/split-as-keras.js";
import { oneOf } from "../one-of.js";
import { type Device, devices } from "../runtime/open-runtime.js";
import { type JudgeOptions, type ResolvedJudging, resolveJudging } from "./judge/judge-options.js";
import {
  type EpochOptions,
  type NetworkTraining,
  type NetworkTrainingOptions,
  resolveNetwork,
} from "./network/network-options.js";
import { whole } from "./whole-number.js";

export interface TrainOptions extends NetworkTrainingOptions, EpochOptions, JudgeOptions {
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
  /** How an image of another shape becomes height × width, with "tile" several of it; default "stretch", as in Keras. */
  readonly fit?: string | undefined;
  /**
   * How it is scaled: "antialias" (default), "bilinear" as Keras' `image_dataset_from_directory`, or "nearest" as its
   * `flow_from_directory`.
   */
  readonly interpolation?: string | undefined;
  /**
   * Which values become black and white: "full", "minmax", percentiles such as "p1-p99", "image", "dicom", or "low:high" in
   * the files' own units. Default: "full" for 8 bits, else chosen from the images that train.
   */
  readonly window?: string | undefined;
  /** An image that claims more pixels is left out; default 178,956,970. */
  readonly maxPixels?: number | undefined;
  /** Part of the images, 0 up to 1, that validates; stratified by class. Default 0.2; ready-made splits override it. */
  readonly validation?: number | undefined;
  /** Part of the images, 0 up to 1, that is kept for a last test of the trained model. Default 0. */
  readonly test?: number | undefined;
  /** "stratified" (default), or a split of Keras', among whose files the validation part is drawn as Keras does. */
  readonly split?: string | undefined;
  /** A column of a CSV dataset or a regular expression on paths: no group is on two sides. Default: none but copies. */
  readonly group?: string | undefined;
  /** A CSV list of files that are left out, such as an edited fix list of `check`. Default: none. */
  readonly exclude?: string | undefined;
  /** Augmentation of the images that train: a preset, single options, or both. Default: none. */
  readonly augment?: AugmentTexts | undefined;
  /** So many augmented variants of each image that trains are learnt from with it; default 4. */
  readonly augmentVariants?: number | undefined;
  /** Cross-validation: so many stratified folds instead of one validation split. Default: none. */
  readonly folds?: number | undefined;
  /** How the trunk's last map becomes features: "avg" (default) or "max". */
  readonly pooling?: string | undefined;
  /** "linear" (default) or layers, `flatten dense(256,relu) dropout(0.5)`. */
  readonly head?: string | undefined;
  /** "balanced": every class counts the same, however many images it has. Default: every image counts the same. */
  readonly classWeights?: string | undefined;
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
export interface ResolvedOptions extends ResolvedJudging {
  readonly model: ModelName;
  readonly weights: string;
  /** Absent: what the weight file tells. */
  readonly convention?: Convention;
  /** As `convention`. */
  readonly topology?: "imagenet" | "none";
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** Absent: antialias. */
  readonly interpolation?: Interpolation;
  /** As `parseWindow` reads it; absent: chosen from the images. */
  readonly window?: string;
  readonly maxPixels?: number;
  /** Absent with `folds`. */
  readonly validation?: number;
  /** Absent where nothing is kept for it. */
  readonly test?: number;
  /** Absent where the split is stratified. */
  readonly split?: KerasSplitName;
  readonly group?: string;
  readonly exclude?: string;
  readonly folds?: number;
  /** Absent where nothing is augmented. */
  readonly augment?: AugmentOptions;
  /** Absent where nothing is augmented. */
  readonly augmentVariants?: number;
  readonly pooling: "avg" | "max";
  readonly head: string;
  readonly classWeights?: "balanced";
  /** Absent with the linear head, which has an optimum and needs none of this. */
  readonly layers?: LayerTraining;
  /** Absent where only the head trains. */
  readonly network?: NetworkTraining;
  readonly batch: number;
  readonly seed: number;
  readonly device: Device;
  /** Absent: one per core. */
  readonly threads?: number;
}

/** Throws `InputError` for an option that is none of its values, or that the others leave without effect. */
export function resolveOptions(options: TrainOptions): ResolvedOptions {
  const model = oneOf("model", options.model ?? bundledModel, modelNames);
  const { device = "auto", fit, pooling = "avg", head = "linear" } = options;
  const { classWeights, convention, topology, threads, window, maxPixels } = options;
  const batch = whole("batch", options.batch ?? 32, 1);
  const seed = whole("seed", options.seed ?? 0, 0);
  const network = resolveNetwork(options, batch);
  if (network && fit === "tile") {
    throw new InputError(
      "fit tile: layers of the network learn from whole images; train the head alone, or choose another fit",
    );
  }
  return {
    model,
    weights: options.weights ?? "imagenet",
    ...(convention !== undefined && { convention: oneOf("convention", convention, conventions) }),
    ...(topology !== undefined && { topology: oneOf("topology", topology, ["imagenet", "none"] as const) }),
    ...resolveFraming(options, model),
    ...(window !== undefined && { window: showWindow(parseWindow(window)) }),
    ...(maxPixels !== undefined && { maxPixels: whole("max pixels", maxPixels, 1) }),
    ...resolveSplit(options),
    ...resolveAugmentation(options),
    ...(options.exclude !== undefined && { exclude: options.exclude }),
    pooling: oneOf("pooling", pooling, ["avg", "max"] as const),
    head,
    ...(classWeights !== undefined && { classWeights: oneOf("class weights", classWeights, ["balanced"] as const) }),
    ...resolveJudging(options),
    ...(network && { network }),
    ...resolveLayers(head, network ? {} : options, { batch, seed }),
    batch,
    seed,
    device: oneOf("device", device, devices),
    ...(threads !== undefined && { threads: whole("threads", threads, 1) }),
  };
}

function resolveFraming(
  { height, width, fit = "stretch", interpolation = "antialias" }: TrainOptions,
  model: ModelName,
): Pick<ResolvedOptions, "height" | "width" | "fit" | "interpolation"> {
  const named = oneOf("interpolation", interpolation, interpolations);
  const framing = {
    height: whole("height", height ?? defaultResolution(model), 32),
    width: whole("width", width ?? defaultResolution(model), 32),
    fit: oneOf("fit", fit, fits),
    ...(named !== "antialias" && { interpolation: named }),
  };
  checkFraming(framing);
  return framing;
}

type SplitChoice = Pick<ResolvedOptions, "validation" | "test" | "split" | "group" | "folds">;

function resolveSplit(options: TrainOptions): SplitChoice {
  const { validation, folds, group, split = "stratified" } = options;
  refuseAmbiguousKeras(split);
  const how = oneOf("split", split, ["stratified", ...kerasSplitNames] as const);
  if (how !== "stratified")
    return { validation: part("validation", validation ?? 0.2), split: onlyKeras(how, options) };
  const test = part("test", options.test ?? 0);
  const others = { ...(test > 0 && { test }), ...(group !== undefined && { group }) };
  if (folds !== undefined && validation !== undefined) {
    throw new InputError("validation, folds: with folds every image validates once; leave one of them out");
  }
  if (folds !== undefined) return { folds: whole("folds", folds, 2), ...others };
  const val = part("validation", validation ?? 0.2);
  if (val + test < 1) return { validation: val, ...others };
  throw new InputError(`validation ${val}, test ${test}: expected less than 1 together, so that something trains`);
}

/** Throws `InputError` for an option that Keras' split does not know. */
function onlyKeras(split: KerasSplitName, { folds, test, group }: TrainOptions): KerasSplitName {
  const stray = Object.entries({ folds, test, group }).find(([, value]) => value !== undefined)?.[0];
  if (stray === undefined) return split;
  throw new InputError(`split ${split}: Keras' validation_split knows no ${stray}; leave one of them out`);
}

const defaultVariants = 4;

function resolveAugmentation({
  augment: texts = {},
  augmentVariants,
}: TrainOptions): Pick<ResolvedOptions, "augment" | "augmentVariants"> {
  const augment = parseAugmentation(texts);
  const { fill, cval, ...operations } = augment;
  if (Object.keys(operations).length > 0) {
    return { augment, augmentVariants: whole("augment variants", augmentVariants ?? defaultVariants, 1) };
  }
  if (augmentVariants === undefined && fill === undefined && cval === undefined) return {};
  throw new InputError(
    "augment: nothing varies the images; give a preset such as medium, or an option such as rotation",
  );
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

function part(what: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new InputError(`${what} ${value}: expected a number from 0 up to 1 (not 1 itself)`);
}
