/** Features and labels as the training of a head takes them: held out in part, standardised, with targets. */
import { groupedStratifiedSplit } from "../../data/grouped-split.js";
import { InputError } from "../../errors.js";
import type { Tensor } from "../../graph/tensor.js";
import { countImages, weightsOfClasses } from "../class-weights.js";
import { measureColumns, type Standardization, standardize } from "../standardization.js";
import type { HeadSettings } from "./head-options.js";

export interface HeadData {
  /** What the trunk gives for each image, row major, [n, D]. */
  readonly features: Float32Array;
  /** The class of each image, 0 … classes − 1. */
  readonly labels: readonly number[];
  readonly classes: number;
  /** [n] What is held out shares no group with what is learnt from; default: every image is a group of its own. */
  readonly groups?: readonly string[] | undefined;
}

/** Some images, as a training step reads them. */
export interface HeadSamples {
  readonly features: Tensor; // [rows, D], standardised
  /** (1 − s) · onehot + s / classes with s the label smoothing, times the weight of the class; [rows, classes]. */
  readonly targets: Tensor;
  readonly labels: readonly number[];
}

export interface PreparedHeadData {
  /** Indices of the images that are learnt from. */
  readonly fit: readonly number[];
  /** Indices of the images that decide when to stop; none where every class has fewer than three images. */
  readonly stop: readonly number[];
  /** Of the images that are learnt from. */
  readonly standardization: Standardization;
  take(images: readonly number[]): HeadSamples;
}

const stopFraction = 0.1;
/** Of two images one would be left to learn from: too dear for a vote on when to stop. */
const fewestImagesToHoldOut = 3;

/** Throws `InputError` for labels or class weights that do not fit. */
export function prepareHeadData(
  { features, labels, classes, groups }: HeadData,
  settings: HeadSettings,
): PreparedHeadData {
  const counts = countImages(labels.length, labels, classes);
  const columns = features.length / labels.length;
  if (!Number.isInteger(columns)) {
    throw new InputError(`head: expected a row of features per label, ${labels.length}, got ${features.length} values`);
  }
  const targets = targetsOfClasses(weightsOfClasses(counts, settings.classWeights), settings.labelSmoothing);
  const names = groups ?? labels.map((_, image) => String(image));
  const isHeldOut = groupedStratifiedSplit(labels, names, { val: stopFraction, test: 0 }, settings.seed).map(
    (side, image) => side === "val" && counts[labels[image]!]! >= fewestImagesToHoldOut,
  );
  const images = [...labels.keys()];
  const fit = images.filter((image) => !isHeldOut[image]);
  const standardization = measureColumns(takeRows(features, columns, fit), fit.length, columns);
  return {
    fit,
    stop: images.filter((image) => isHeldOut[image]),
    standardization,
    take(taken) {
      const data = standardize(takeRows(features, columns, taken), standardization);
      const ofTaken = taken.map((image) => labels[image]!);
      return {
        features: { shape: [taken.length, columns], data },
        targets: {
          shape: [taken.length, classes],
          data: Float32Array.from(ofTaken.flatMap((label) => targets[label]!)),
        },
        labels: ofTaken,
      };
    },
  };
}

/** The row of targets of each class. */
function targetsOfClasses(weights: readonly number[], smoothing: number): number[][] {
  const classes = weights.length;
  return weights.map((weight, label) =>
    weights.map((_, k) => weight * ((k === label ? 1 - smoothing : 0) + smoothing / classes)),
  );
}

function takeRows(features: Float32Array, columns: number, rows: readonly number[]): Float32Array {
  const taken = new Float32Array(rows.length * columns);
  for (const [to, from] of rows.entries()) {
    taken.set(features.subarray(from * columns, (from + 1) * columns), to * columns);
  }
  return taken;
}
