/** What a classifier said of images whose class is known, image by image: what every metric is computed from. */
import { type Ranked, rankScores } from "./rank-curves.js";

export interface JudgedImages {
  readonly labels: Uint32Array;
  /** The most probable class; of equals the first, as in numpy. */
  readonly predicted: Uint32Array;
  /** Its probability. */
  readonly confidence: Float64Array;
  /** −ln p of the true class, in nats; p is clipped to [2⁻²³, 1 − 2⁻²³]. */
  readonly loss: Float64Array;
  /** Σ over the classes of (p − [is the class])², 0–2. */
  readonly squaredError: Float64Array;
  /** How many classes are more probable than the true one; of equals the first comes first. */
  readonly rank: Uint32Array;
  readonly classes: number;
  /** By class: the images in the order of its probability. */
  readonly ranked: readonly Ranked[];
}

/** scikit-learn clips to the epsilon of the probabilities' type, here float32. */
export const float32Epsilon = 2 ** -23;

/** Judges `probabilities` [n, classes] by `labels` [n], which are checked (`classificationMetrics`). */
export function judgeImages(labels: readonly number[], probabilities: Float32Array, classes: number): JudgedImages {
  const n = labels.length;
  const judged = {
    labels: Uint32Array.from(labels),
    predicted: new Uint32Array(n),
    confidence: new Float64Array(n),
    loss: new Float64Array(n),
    squaredError: new Float64Array(n),
    rank: new Uint32Array(n),
  };
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    const own = probabilities.subarray(i * classes, (i + 1) * classes);
    const ofLabel = own[label]!;
    let [best, before, squares] = [0, 0, 0];
    for (let k = 0; k < classes; k++) {
      const p = own[k]!;
      if (p > own[best]!) best = k;
      if (p > ofLabel || (p === ofLabel && k < label)) before++;
      squares += (p - (k === label ? 1 : 0)) ** 2;
    }
    judged.predicted[i] = best;
    judged.confidence[i] = own[best]!;
    judged.loss[i] = -Math.log(Math.min(Math.max(ofLabel, float32Epsilon), 1 - float32Epsilon));
    judged.squaredError[i] = squares;
    judged.rank[i] = before;
  }
  const ranked = Array.from({ length: classes }, (_, k) =>
    rankScores(
      Float32Array.from(labels, (_, i) => probabilities[i * classes + k]!),
      Uint8Array.from(labels, (label) => (label === k ? 1 : 0)),
    ),
  );
  return { ...judged, classes, ranked };
}
