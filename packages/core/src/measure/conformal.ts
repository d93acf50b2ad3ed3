/** Sets of classes that hold the true one as often as was promised, class by class. */

export interface ConformalSets {
  /** The part of the images of each class whose set may lack it: 0.1 promises 90 %. */
  readonly alpha: number;
  /** By class: from this probability on it belongs to the set; 0 where too few images were seen to promise anything less. */
  readonly thresholds: readonly number[];
}

/**
 * Sets {k : p_k ≥ threshold_k}, with threshold_k the ⌊(n_k + 1)·α⌋-th smallest probability of the class among its own n_k images:
 * a further image of the class lacks it in its set with a chance of at most α, whatever the classifier is worth, if it is like
 * those seen. `labels` [n], `probabilities` [n, classes]; the images must not have trained.
 * Source: Vovk 2012, Conditional validity of inductive conformal predictors, section 4.1, with the score 1 − p of Sadinle et al. 2019.
 */
export function fitConformalSets(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
  alpha: number,
): ConformalSets {
  const thresholds = Array.from({ length: classes }, (_, k) => {
    const own = labels
      .flatMap((label, i) => (label === k ? [probabilities[i * classes + k]!] : []))
      .sort((a, b) => a - b);
    // (n + 1)·α falls just short of a whole number in float64, e.g. 0.1 · 30 or 0.07 · 100
    const place = Math.floor((own.length + 1) * alpha * (1 + 1e-12));
    return place < 1 ? 0 : own[place - 1]!;
  });
  return { alpha, thresholds };
}

/** The classes of the set of one image's `probabilities` [classes]; the most probable always is one: no set is empty. */
export function conformalSet(probabilities: Float32Array, { thresholds }: Pick<ConformalSets, "thresholds">): number[] {
  const most = probabilities.reduce((a, b) => Math.max(a, b));
  return [...probabilities.keys()].filter((k) => probabilities[k]! >= Math.min(thresholds[k]!, most));
}

export interface SetCoverage {
  readonly images: number;
  /** The part of the images whose set holds the true class. */
  readonly coverage: number;
  /** By class; NaN without images. */
  readonly perClass: readonly number[];
  /** Mean classes in a set. */
  readonly size: number;
  /** The part of the images whose set is one class. */
  readonly single: number;
}

/** What the sets of `probabilities` [n, classes] come to on images of known class `labels` [n], n ≥ 1. */
export function measureCoverage(
  labels: readonly number[],
  probabilities: Float32Array,
  sets: ConformalSets,
): SetCoverage {
  const classes = sets.thresholds.length;
  const of = Array.from({ length: classes }, () => ({ images: 0, covered: 0 }));
  let [size, single, covered] = [0, 0, 0];
  for (const [i, label] of labels.entries()) {
    const set = conformalSet(probabilities.subarray(i * classes, (i + 1) * classes), sets);
    of[label]!.images++;
    if (set.includes(label)) {
      of[label]!.covered++;
      covered++;
    }
    size += set.length;
    if (set.length === 1) single++;
  }
  const n = labels.length;
  const perClass = of.map((own) => own.covered / own.images);
  return { images: n, coverage: covered / n, perClass, size: size / n, single: single / n };
}
