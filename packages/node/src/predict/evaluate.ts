/** How well a classifier does on labelled images: a folder of classes, or a CSV file. */
import {
  classificationMetrics,
  InputError,
  type Measured,
  type Metrics,
  measureCoverage,
  measureImages,
} from "@grayling/core";
import { type Dataset, groupsOf, withoutUnreadable } from "../dataset/dataset.js";
import { listPages } from "../dataset/list-pages.js";
import { findDataset } from "../dataset/open-dataset.js";
import { type ClassifyOptions, classify } from "./classify.js";
import type { Classifier } from "./open-classifier.js";

export interface Evaluation {
  readonly metrics: Metrics;
  /** What is one number, with its 95 % interval; of a CSV file with groups, groups are drawn whole. */
  readonly measured: Measured;
  /** Images that the classifier calls unknown, and those whose set holds their class; absent where it cannot tell. */
  readonly unknown?: number;
  readonly covered?: number;
  /** The images that counted; of a folder that is split, those of val, or of test where there is no val. */
  readonly dataset: Dataset;
  /** [images, classes] */
  readonly probabilities: Float32Array;
}

/**
 * `folder` holds a folder per class, or is a CSV file, `path,label[,split]`. Throws `InputError` for classes that the
 * classifier does not know, and as `findDataset` does.
 */
export async function evaluate(
  classifier: Classifier,
  folder: string,
  options: Omit<ClassifyOptions, "onSkip"> = {},
): Promise<Evaluation> {
  const { classes, source } = classifier;
  const part = validationPart(await findDataset(folder, { trains: false }));
  const scanned = { ...part, images: await listPages(part.images) };
  const labelOf = scanned.classes.map((name) => classes.indexOf(name));
  const strange = scanned.classes.filter((_, i) => labelOf[i] === -1);
  if (strange.length > 0) {
    const known = classes.length > 20 ? `${classes.slice(0, 20).join(", ")}, …` : classes.join(", ");
    throw new InputError(`${folder}: ${source} knows no class "${strange.join('", "')}", expected of ${known}`);
  }

  const reasons = new Map<number, string>();
  const all = new Float32Array(scanned.images.length * classes.length);
  let [rows, unknown, canTell] = [0, 0, false];
  const onSkip = (index: number, reason: string) => void reasons.set(index, reason);
  for await (const { indices, probabilities, novelty } of classify(classifier, scanned.images, {
    ...options,
    onSkip,
  })) {
    all.set(probabilities, rows * classes.length);
    rows += indices.length;
    canTell ||= novelty !== undefined;
    unknown += novelty?.filter((value) => value > 1).length ?? 0;
  }
  const dataset = withoutUnreadable(scanned, reasons);
  const probabilities = all.subarray(0, rows * classes.length);
  const labels = dataset.images.map(({ label }) => labelOf[label]!);
  const groups = groupsOf(dataset.images);
  const { sets } = classifier.judgement;
  return {
    metrics: classificationMetrics(labels, probabilities, classes),
    measured: measureImages(labels, probabilities, classes.length, { seed: 0, groups }),
    ...(canTell && { unknown }),
    ...(sets && { covered: Math.round(measureCoverage(labels, probabilities, sets).coverage * labels.length) }),
    dataset,
    probabilities,
  };
}

/** What is split already is evaluated on what was not trained on, in the classes that have such images. */
function validationPart(dataset: Dataset): Dataset {
  if (dataset.images.every(({ split }) => split === null)) return dataset;
  const measured = dataset.images.some(({ split }) => split === "val") ? "val" : "test";
  const images = dataset.images.filter(({ split }) => split === measured);
  const labels = [...new Set(images.map(({ label }) => label))].sort((a, b) => a - b);
  return {
    ...dataset,
    classes: labels.map((label) => dataset.classes[label]!),
    images: images.map((image) => ({ ...image, label: labels.indexOf(image.label), split: null })),
  };
}
