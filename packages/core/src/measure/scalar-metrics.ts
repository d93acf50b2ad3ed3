/** The metrics that are one number, each from the same judged images: so values, intervals and folds agree. */
import type { JudgedImages } from "./judged-images.js";
import { rankAreas } from "./rank-curves.js";
import { reliabilityBinOf, reliabilityBins } from "./reliability.js";

/** Where one is not defined (no class has both its own and other images): NaN, which JSON writes as null. */
export interface ScalarMetrics {
  readonly accuracy: number; // 0–1
  /** Mean recall of the classes that have images. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes that have images or were predicted. */
  readonly macroF1: number;
  /** Agreement beyond chance, (observed − expected) / (1 − expected); 0 is chance, 1 perfect. */
  readonly cohenKappa: number;
  /** The correlation of true and predicted classes, −1 … 1; 0 where one of them never changes. */
  readonly matthewsCorrelation: number;
  /** Mean −ln p of the true class, nats. */
  readonly logLoss: number;
  /** Mean Σ over the classes of (p − [is the class])², 0–2, as Brier defined it; scikit-learn halves it for two classes. */
  readonly brierScore: number;
  /** Mean |confidence − accuracy| over 15 bins of confidence, weighted by their images, 0–1. */
  readonly expectedCalibrationError: number;
  /** Mean area under the ROC curves of the classes, one against the rest. */
  readonly rocAuc: number;
  /** Mean average precision of the classes, one against the rest. */
  readonly averagePrecision: number;
  /** The part of the images whose true class is among the two, three or five most probable; with more classes only. */
  readonly top2Accuracy?: number;
  readonly top3Accuracy?: number;
  readonly top5Accuracy?: number;
}

/**
 * Computes all of them where image i counts `weights[i]` times; default: once.
 * Source: scikit-learn 1.9.1, `sklearn/metrics`, with `zero_division=0`; kappa: Cohen 1960; correlation: Gorodkin 2004;
 * calibration error: Guo et al. 2017, arXiv:1706.04599, equation 3.
 */
export function scalarMetrics(
  judged: JudgedImages,
  weights: Float64Array = new Float64Array(judged.labels.length).fill(1),
): ScalarMetrics {
  const { loss, squaredError, rank, classes } = judged;
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (of: (image: number) => number) => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i]! > 0) sum += weights[i]! * of(i);
    return sum / total;
  };
  const among = (k: number) => mean((i) => (rank[i]! < k ? 1 : 0));
  return {
    ...ofConfusions(confusionsOf(judged, weights), total, classes),
    logLoss: mean((i) => loss[i]!),
    brierScore: mean((i) => squaredError[i]!),
    expectedCalibrationError: calibrationError(judged, weights, total),
    ...meanAreas(judged, weights),
    ...(classes > 2 && { top2Accuracy: among(2) }),
    ...(classes > 3 && { top3Accuracy: among(3) }),
    ...(classes > 5 && { top5Accuracy: among(5) }),
  };
}

/** [classes, classes], true by predicted. */
function confusionsOf({ labels, predicted, classes }: JudgedImages, weights: Float64Array): Float64Array {
  const confusions = new Float64Array(classes * classes);
  for (let i = 0; i < labels.length; i++) confusions[labels[i]! * classes + predicted[i]!]! += weights[i]!;
  return confusions;
}

function ofConfusions(confusions: Float64Array, total: number, classes: number) {
  let [correct, chance, squaredTrue, squaredPredicted] = [0, 0, 0, 0];
  const [recalls, f1s]: [number[], number[]] = [[], []];
  for (let k = 0; k < classes; k++) {
    let [ofTrue, ofPredicted] = [0, 0];
    for (let other = 0; other < classes; other++) {
      ofTrue += confusions[k * classes + other]!;
      ofPredicted += confusions[other * classes + k]!;
    }
    const hits = confusions[k * classes + k]!;
    correct += hits;
    chance += ofTrue * ofPredicted;
    squaredTrue += ofTrue ** 2;
    squaredPredicted += ofPredicted ** 2;
    if (ofTrue > 0) recalls.push(hits / ofTrue);
    if (ofTrue + ofPredicted > 0) f1s.push((2 * hits) / (ofTrue + ofPredicted));
  }
  const spread = Math.sqrt((total ** 2 - squaredPredicted) * (total ** 2 - squaredTrue));
  return {
    accuracy: correct / total,
    balancedAccuracy: meanOf(recalls),
    macroF1: meanOf(f1s),
    cohenKappa: (correct * total - chance) / (total ** 2 - chance),
    matthewsCorrelation: spread === 0 ? 0 : (correct * total - chance) / spread,
  };
}

function calibrationError({ confidence, labels, predicted }: JudgedImages, weights: Float64Array, total: number) {
  const gaps = new Float64Array(reliabilityBins); // Σ (confidence − [is right])
  for (let i = 0; i < labels.length; i++) {
    gaps[reliabilityBinOf(confidence[i]!)]! += weights[i]! * (confidence[i]! - (labels[i] === predicted[i] ? 1 : 0));
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
}

/** Of the classes that have both their own and other images. */
function meanAreas({ ranked }: JudgedImages, weights: Float64Array) {
  const areas = ranked.map((ofClass) => rankAreas(ofClass, weights)).filter(({ rocAuc }) => !Number.isNaN(rocAuc));
  return {
    rocAuc: meanOf(areas.map(({ rocAuc }) => rocAuc)),
    averagePrecision: meanOf(areas.map(({ averagePrecision }) => averagePrecision)),
  };
}

/** NaN of nothing. */
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
