/** Every metric that is one number, with its interval. */
import { bootstrapIntervals, type Intervals } from "./bootstrap-intervals.js";
import { judgeImages } from "./judged-images.js";
import { type ScalarMetrics, scalarMetrics } from "./scalar-metrics.js";

export interface Measured {
  readonly metrics: ScalarMetrics;
  readonly intervals: Intervals;
}

/**
 * Measures `probabilities` [n, classes] by `labels` [n], n ≥ 1. `groups` [n] name images that belong together, which the
 * intervals draw whole; where every image is a group of its own they change nothing.
 */
export function measureImages(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
  { seed, groups }: { readonly seed: number; readonly groups?: readonly string[] | undefined },
): Measured {
  const judged = judgeImages(labels, probabilities, classes);
  const areTogether = groups && new Set(groups).size < groups.length;
  const intervals = bootstrapIntervals(judged, { seed, groups: areTogether ? groups : undefined });
  return { metrics: scalarMetrics(judged), intervals };
}
