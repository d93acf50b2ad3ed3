/** What can be said about how a classifier is judged, and what is taken where nothing is said. */
import { InputError, parseThresholdGoal, type ThresholdGoal } from "@grayling/core";

export interface JudgeOptions {
  /** What a class' own threshold is to keep, such as "recall:0.95:crack"; needs images that validate. Default: none. */
  readonly threshold?: readonly string[] | undefined;
  /** The part of the images of each class whose set of possible classes is to hold the true one, 0–1; default 0.9. */
  readonly coverage?: number | undefined;
}

export interface ResolvedJudging {
  /** One of a class; absent where none has a threshold of its own. */
  readonly thresholds?: readonly ThresholdGoal[];
  readonly coverage: number;
}

/** Throws `InputError` for what is no threshold or no part. */
export function resolveJudging({ threshold = [], coverage = 0.9 }: JudgeOptions): ResolvedJudging {
  if (!(coverage > 0 && coverage < 1)) {
    throw new InputError(`coverage ${coverage}: expected a part between 0 and 1, such as 0.95`);
  }
  const thresholds = threshold.map(parseThresholdGoal);
  const names = thresholds.map(({ className }) => className);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`threshold: expected one of each class, got two of "${twice}"`);
  return { ...(thresholds.length > 0 && { thresholds }), coverage };
}
