/** Images whose label is likely wrong: a classifier that has not seen them is surer of another class than it usually is. */

export interface DoubtfulLabel {
  readonly image: number;
  readonly label: number;
  /** The class that it more likely is. */
  readonly suggested: number;
  /** What the classifier gives the label and the suggested class. */
  readonly ofLabel: number;
  readonly ofSuggested: number;
}

/**
 * Confident learning: t_k is the mean probability of class k over the images labelled k. An image counts as class k where
 * p_k ≥ t_k (of several such classes the most probable); where that is not its label, the label is doubtful. The most
 * doubtful first: by falling p_suggested − p_label. `labels` [n]; `probabilities` [n, classes] must be out of sample.
 * Source: Northcutt, Jiang and Chuang 2021, Confident Learning, arXiv:1911.00068, section 3.1, equation 1.
 */
export function findDoubtfulLabels(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
): DoubtfulLabel[] {
  const thresholds = meanOwnProbabilities(labels, probabilities, classes);
  const doubtful: DoubtfulLabel[] = [];
  for (const [image, label] of labels.entries()) {
    const own = probabilities.subarray(image * classes, (image + 1) * classes);
    let suggested = -1;
    for (let k = 0; k < classes; k++) {
      if (own[k]! >= thresholds[k]! && (suggested === -1 || own[k]! > own[suggested]!)) suggested = k;
    }
    if (suggested === -1 || suggested === label) continue;
    doubtful.push({ image, label, suggested, ofLabel: own[label]!, ofSuggested: own[suggested]! });
  }
  const margin = ({ ofLabel, ofSuggested }: DoubtfulLabel) => ofSuggested - ofLabel;
  return doubtful.sort((a, b) => margin(b) - margin(a) || a.image - b.image);
}

/** Infinity for a class without images: nothing counts as one that nobody has labelled. */
function meanOwnProbabilities(labels: readonly number[], probabilities: Float32Array, classes: number): Float64Array {
  const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
  for (const [image, label] of labels.entries()) {
    sums[label]! += probabilities[image * classes + label]!;
    counts[label]!++;
  }
  return sums.map((sum, k) => (counts[k] === 0 ? Number.POSITIVE_INFINITY : sum / counts[k]!));
}
