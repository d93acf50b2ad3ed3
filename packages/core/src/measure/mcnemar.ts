/** Whether two classifiers differ on the same images by more than chance. */

export interface McNemar {
  /** Images that only the first, and only the second, predicted rightly. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** The chance of a difference at least as large between classifiers that are equally good. */
  readonly pValue: number;
}

/**
 * The exact test: of the images on which one is right and the other wrong, either is right with chance ½; two-sided.
 * `first` and `second` [n] tell which images each predicted rightly.
 * Source: McNemar 1947; exact by the binomial distribution, as in statsmodels 0.14, `mcnemar(exact=True)`.
 */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  let [onlyFirst, onlySecond] = [0, 0];
  for (const [i, isRight] of first.entries()) {
    if (isRight && !second[i]) onlyFirst++;
    if (!isRight && second[i]) onlySecond++;
  }
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // ln of the binomial coefficients, so that thousands of images do not overflow
  let [lnTerm, tail] = [-n * Math.LN2, 0];
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(lnTerm);
    lnTerm += Math.log((n - k) / (k + 1));
  }
  return { onlyFirst, onlySecond, pValue: Math.min(1, 2 * tail) };
}
