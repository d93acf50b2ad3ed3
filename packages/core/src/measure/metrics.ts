/** How well probabilities fit the true classes, with scikit-learn's definitions. */
import { InputError } from "../errors.js";
import { indexOfLargest } from "./index-of-largest.js";
import { float32Epsilon } from "./judged-images.js";

export interface ClassMetrics {
  readonly name: string;
  /** Of the images predicted as this class, the part that is; 0 if none was predicted. */
  readonly precision: number;
  /** Of the images of this class, the part predicted as such; 0 if there is none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall; 0 if the class is neither predicted nor there. */
  readonly f1: number;
  /** Images of this class. */
  readonly support: number;
}

export interface Metrics {
  readonly accuracy: number; // 0–1
  /** Mean recall of the classes that have images: guessing the largest class does not pay. */
  readonly balancedAccuracy: number;
  /** Mean −ln p of the true class, in nats; p is clipped to [2⁻²³, 1 − 2⁻²³], so one image costs at most 15.9. */
  readonly logLoss: number;
  /** Mean F1 of the classes that have images or were predicted. */
  readonly macroF1: number;
  /** The part of the images whose true class is among the five most probable; only with more than five classes. */
  readonly top5Accuracy?: number;
  /** `confusionMatrix[true][predicted]`, in images. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly perClass: readonly ClassMetrics[];
}

const topCount = 5;

/**
 * Compares true classes with probabilities [n, classes]. The predicted class is the most probable; of equals the
 * first, as in numpy. Top-5 breaks ties the same way, where scikit-learn's `top_k_accuracy_score` prefers the last.
 *
 * Throws `InputError` if there are no images, a label has no class, or a probability is not a number.
 * Source: scikit-learn 1.9.1, `sklearn/metrics/_classification.py` and `_ranking.py`, with `zero_division=0`.
 */
export function classificationMetrics(
  labels: readonly number[],
  probabilities: Float32Array,
  classNames: readonly string[],
): Metrics {
  const classes = classNames.length;
  check(labels, probabilities, classes);
  const confusionMatrix = classNames.map(() => new Array<number>(classes).fill(0));
  let [correct, amongTop, loss] = [0, 0, 0];
  labels.forEach((label, row) => {
    const ofImage = probabilities.subarray(row * classes, (row + 1) * classes);
    const predicted = indexOfLargest(ofImage);
    confusionMatrix[label]![predicted]!++;
    if (predicted === label) correct++;
    if (rank(ofImage, label) < topCount) amongTop++;
    loss -= Math.log(Math.min(Math.max(ofImage[label]!, float32Epsilon), 1 - float32Epsilon));
  });
  const perClass = classNames.map((name, index) => metricsOfClass(name, index, confusionMatrix));
  const seen = perClass.filter(({ support }, index) => support > 0 || confusionMatrix.some((row) => row[index]! > 0));
  return {
    accuracy: correct / labels.length,
    balancedAccuracy: mean(perClass.filter(({ support }) => support > 0).map(({ recall }) => recall)),
    logLoss: loss / labels.length,
    macroF1: mean(seen.map(({ f1 }) => f1)),
    ...(classes > topCount ? { top5Accuracy: amongTop / labels.length } : {}),
    confusionMatrix,
    perClass,
  };
}

function check(labels: readonly number[], probabilities: Float32Array, classes: number): void {
  if (labels.length === 0) throw new InputError("metrics: no images, expected at least one; is the split empty?");
  if (probabilities.length !== labels.length * classes) {
    const expected = `${labels.length} × ${classes}`;
    throw new InputError(`metrics: expected ${expected} probabilities, got ${probabilities.length}`);
  }
  const stray = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (stray !== undefined) throw new InputError(`metrics: expected labels 0 … ${classes - 1}, got ${stray}`);
  const broken = probabilities.findIndex((p) => Number.isNaN(p));
  if (broken >= 0) {
    const image = Math.floor(broken / classes);
    throw new InputError(
      `metrics: image ${image} has the probability NaN; if training diverged, lower the learning rate`,
    );
  }
}

/** Classes that come before `label` when sorted by falling probability, equals by index. */
function rank(ofImage: Float32Array, label: number): number {
  let before = 0;
  for (let k = 0; k < ofImage.length; k++) {
    if (ofImage[k]! > ofImage[label]! || (ofImage[k] === ofImage[label] && k < label)) before++;
  }
  return before;
}

function metricsOfClass(name: string, index: number, confusionMatrix: readonly (readonly number[])[]): ClassMetrics {
  const hits = confusionMatrix[index]![index]!;
  const support = confusionMatrix[index]!.reduce((a, b) => a + b, 0);
  const predicted = confusionMatrix.reduce((sum, row) => sum + row[index]!, 0);
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    name,
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, predicted + support),
    support,
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
