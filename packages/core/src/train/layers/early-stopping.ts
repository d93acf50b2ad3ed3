/** Decides after each epoch whether a training still gets better. */

export interface EarlyStoppingRule {
  /** Whether a better value is lower (a loss) or higher (an accuracy). */
  readonly better: "lower" | "higher";
  /** Stop after so many epochs in a row without a better value; 1 stops at the first. */
  readonly patience: number;
  /** A value must be better by more than this; default 0. */
  readonly minimumDelta?: number;
}

/** Plain data, so that a resumed training goes on where it was. Epochs count from 0. */
export interface EpochRecord {
  readonly epoch: number;
  readonly value: number;
  /** The epoch to go back to, and its value. NaN is never the best; −1 and NaN before there is a best. */
  readonly bestEpoch: number;
  readonly best: number;
  readonly stop: boolean;
}

/**
 * The record after one more epoch; `last` is undefined before the first. The weights of `bestEpoch` are worth
 * keeping: save them when `bestEpoch === epoch`.
 *
 * Source: Keras 3.15, `keras/src/callbacks/early_stopping.py`; it differs in that a NaN does not count as a first best.
 */
export function watchEpoch(rule: EarlyStoppingRule, last: EpochRecord | undefined, value: number): EpochRecord {
  const { better, patience, minimumDelta = 0 } = rule;
  const { bestEpoch, best } = last ?? { bestEpoch: -1, best: NaN };
  const epoch = (last?.epoch ?? -1) + 1;
  const gain = better === "lower" ? best - value : value - best;
  const isBetter = Number.isNaN(best) ? !Number.isNaN(value) : gain > minimumDelta;
  if (isBetter) return { epoch, value, bestEpoch: epoch, best: value, stop: false };
  return { epoch, value, bestEpoch, best, stop: epoch - bestEpoch >= patience };
}
