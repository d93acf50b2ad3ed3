/** Two runs on the same images: whether one is better by more than chance. */
import { groupInterval, type Interval, type McNemar, mcnemar } from "@grayling/core";
import type { CommonImages } from "./common-images.js";

export interface ComparedPair extends McNemar {
  /** Indices of the runs. */
  readonly first: number;
  readonly second: number;
  /** Accuracy of the second less that of the first, −1 … 1. */
  readonly difference: number;
  /** Of the difference, 95 %: images drawn again in pairs, groups whole. */
  readonly interval: Interval;
}

/** Of every two runs; a pair's images are drawn again by a seed of their own. */
export function comparePairs({ images, groups }: CommonImages, runs: number): ComparedPair[] {
  const isRight = Array.from({ length: runs }, (_, run) =>
    images.map(({ label, answers }) => answers[run]!.predicted === label),
  );
  const units = groups ?? images.map(({ path }) => path);
  return isRight.flatMap((first, i) =>
    isRight.slice(i + 1).map((second, k) => {
      const gains = second.map((right, image) => Number(right) - Number(first[image]));
      const { mean, low, high } = groupInterval(gains, units, 0);
      return { first: i, second: i + 1 + k, difference: mean, interval: [low, high], ...mcnemar(first, second) };
    }),
  );
}
