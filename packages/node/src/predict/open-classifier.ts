/** A classifier ready to run: a model file, a run folder, or a network with its ImageNet classes. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeSummary,
  didYouMean,
  encode,
  type Framing,
  foldBatchNorm,
  foldChannels,
  foldGrayscale,
  fullWindow,
  GraphError,
  InputError,
  imageInput,
  inference,
  isModelName,
  lower,
  type Model,
  type ModelName,
  modelNames,
  type Runtime,
  renameEnds,
  type SampleType,
  type Session,
  type SettledWindow,
} from "@grayling/core";
import { imagenetClasses, openBackbone } from "../backbone/open-backbone.js";
import { openKerasModel } from "../backbone/open-keras-model.js";
import { type ModelJudgement, notJudged } from "../run/model-judgement.js";
import { classifierEnds, numberedClasses, readMetadata } from "../run/model-metadata.js";
import type { DownloadProgress } from "../weights/receive.js";

export interface Classifier {
  /** For people: a path, or the network's name. */
  readonly source: string;
  readonly classes: readonly string[];
  readonly framing: Framing;
  /** Which values of a file become black and white. */
  readonly window: SettledWindow;
  /** How the samples of the images that trained are stored; absent: not known. */
  readonly samples?: readonly SampleType[] | undefined;
  readonly session: Session;
  /** What its probabilities mean, and which images it calls unknown. */
  readonly judgement: ModelJudgement;
  /** What people should know of the file it was read from. */
  readonly notes: readonly string[];
}

export interface ClassifierOptions {
  /** Folder for downloaded weights; without one nothing is downloaded. */
  readonly cache?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `model` is a run folder, an ONNX file that grayling trained, a whole model that Keras saved (`.keras`, `.h5`), or the name
 * of a network, which then names the 1,000 ImageNet classes. Throws `InputError` where it is none of these.
 */
export async function openClassifier(
  runtime: Runtime,
  model: string,
  options: ClassifierOptions = {},
): Promise<Classifier> {
  if (isModelName(model)) return openImagenet(runtime, model, options);
  if (/\.(keras|h5)$/i.test(model)) return openOwnModel(runtime, model);
  const path = await findModelFile(model);
  const bytes = await readFile(path);
  const { classes, preprocessing, judgement } = readMetadata(decodeSummary(bytes, path), path);
  const { height, width, fit, interpolation, window = fullWindow, samples } = preprocessing;
  return {
    source: path,
    classes,
    framing: { height, width, fit, interpolation },
    window,
    samples,
    session: await runtime.open(bytes),
    judgement,
    notes: [],
  };
}

const otherwise = "choose a run, a model of yours, or the bundled network efficientnet-lite0";

/** The central square, as in the evaluation of the networks: stretching costs 7 points of accuracy. */
async function openImagenet(runtime: Runtime, name: ModelName, options: ClassifierOptions): Promise<Classifier> {
  const { model, height, width, notes } = await openBackbone(name, { ...options, includeTop: true, otherwise });
  const session = await runtime.open(encode(lower(foldBatchNorm(foldGrayscale(model)), inference)));
  const framing = { height, width, fit: "crop" } as const;
  const classes = await imagenetClasses();
  return { source: name, classes, framing, window: fullWindow, session, judgement: notJudged, notes };
}

/** A classifier that Keras saved whole; it keeps no names of its classes, and stretches images, as Keras' generators do. */
async function openOwnModel(runtime: Runtime, path: string): Promise<Classifier> {
  const { model, classes, notes } = await openKerasModel(path);
  if (classes === undefined) {
    throw new InputError(
      `model ${path}: ends in no softmax over classes, expected a classifier: add a Softmax layer and save it again`,
    );
  }
  const { channels, height, width } = imageInput(model.graph);
  const ready = readyFor(path, () => {
    return renameEnds(foldBatchNorm(channels === 1 ? model : foldChannels(model, 1)), classifierEnds);
  });
  const session = await runtime.open(encode(lower(ready, inference)));
  const framing = { height, width, fit: "stretch" } as const;
  const names = numberedClasses(classes);
  return { source: path, classes: names, framing, window: fullWindow, session, judgement: notJudged, notes };
}

/** A model of any kind may be one that cannot be folded. */
function readyFor(path: string, fold: () => Model): Model {
  try {
    return fold();
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new InputError(`model ${path}: cannot be folded to one channel: ${cause.message}`, { cause });
  }
}

async function findModelFile(model: string): Promise<string> {
  const found = await stat(model).catch(() => undefined);
  const path = found?.isDirectory() ? join(model, "model.onnx") : model;
  if (await stat(path).catch(() => undefined)) return path;
  const what = found ? "the folder holds no model.onnx" : "no such file";
  const nearest = found ? "" : didYouMean(model, modelNames);
  throw new InputError(
    `model ${model}: ${what}, expected a run folder, a model.onnx, a model that Keras saved, or a network such as efficientnet-lite0${nearest}`,
  );
}
