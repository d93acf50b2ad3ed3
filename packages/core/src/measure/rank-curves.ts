/** How well one class' probability tells its images from all others, at every threshold: ROC and precision-recall curves. */

import { InputError } from "../errors.js";

/** Scores of one class in falling order, so that a threshold is a place in the order. */
export interface Ranked {
  /** Images, highest score first; of equals the first. */
  readonly order: Uint32Array;
  /** By place: whether a threshold may lie behind it, that is, whether the next score is lower. */
  readonly isLast: Uint8Array;
  /** By image: whether it is of the class. */
  readonly isPositive: Uint8Array;
}

export interface CurvePoint {
  /** Images of at least this probability are called the class; above 1 where none is. */
  readonly threshold: number;
  readonly truePositives: number; // images
  readonly falsePositives: number; // images
}

/** Images that can be ordered: a score's 32 bits and a place of 21 bits fit a float64's 53. */
const mostImages = 2 ** 21;

/** Orders the images by `scores` [n], probabilities. Throws `InputError` for more than 2,097,152 images. */
export function rankScores(scores: Float32Array, isPositive: Uint8Array): Ranked {
  const order = orderFalling(scores);
  const isLast = Uint8Array.from(order, (image, place) =>
    place + 1 === order.length || scores[order[place + 1]!]! < scores[image]! ? 1 : 0,
  );
  return { order, isLast, isPositive };
}

/** The counts at every threshold that tells some images apart, from the strictest; the first calls nothing the class. */
export function curvePoints(ranked: Ranked, scores: Float32Array): CurvePoint[] {
  const points: CurvePoint[] = [{ threshold: Number.POSITIVE_INFINITY, truePositives: 0, falsePositives: 0 }];
  let [truePositives, falsePositives] = [0, 0];
  for (const [place, image] of ranked.order.entries()) {
    if (ranked.isPositive[image]) truePositives++;
    else falsePositives++;
    if (ranked.isLast[place]) points.push({ threshold: scores[image]!, truePositives, falsePositives });
  }
  return points;
}

/**
 * Bits of floats that are not negative rise with their values, so one number holds score and place, and sorting numbers
 * is twenty times as fast as calling a comparison.
 */
function orderFalling(scores: Float32Array): Uint32Array {
  const n = scores.length;
  if (n > mostImages) throw new InputError(`metrics: expected at most ${mostImages} images, got ${n}`);
  const bits = new Uint32Array(Float32Array.from(scores).buffer);
  const keys = Float64Array.from(bits, (own, i) => own * mostImages + (mostImages - 1 - i)).sort();
  return Uint32Array.from(keys, (_, place) => mostImages - 1 - (keys[n - 1 - place]! % mostImages));
}

export interface RankAreas {
  /** Area under the ROC curve, by trapezoids: the chance that an image of the class scores higher than another. */
  readonly rocAuc: number;
  /** Σ (recall − recall before) · precision over the thresholds, without interpolation. */
  readonly averagePrecision: number;
}

/**
 * Areas under both curves where image i counts `weights[i]` times; NaN without an image of the class, or without others.
 * Source: scikit-learn 1.9.1, `sklearn/metrics/_ranking.py`: `roc_auc_score`, `average_precision_score`.
 */
export function rankAreas({ order, isLast, isPositive }: Ranked, weights: Float64Array): RankAreas {
  let [positives, negatives] = [0, 0]; // above the threshold
  let [area, precisions] = [0, 0];
  let [positivesBefore, negativesBefore] = [0, 0];
  for (let place = 0; place < order.length; place++) {
    const image = order[place]!;
    if (isPositive[image]) positives += weights[image]!;
    else negatives += weights[image]!;
    if (!isLast[place]) continue;
    const gained = positives - positivesBefore;
    area += ((negatives - negativesBefore) * (positives + positivesBefore)) / 2;
    if (gained > 0) precisions += (gained * positives) / (positives + negatives);
    [positivesBefore, negativesBefore] = [positives, negatives];
  }
  if (positives === 0 || negatives === 0) return { rocAuc: Number.NaN, averagePrecision: Number.NaN };
  return { rocAuc: area / (positives * negatives), averagePrecision: precisions / positives };
}
