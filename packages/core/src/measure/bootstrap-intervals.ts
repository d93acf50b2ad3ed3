/** How sure metrics are: the same metrics on images drawn again from those that were measured. */
import { SeededRandom } from "../seeded-random.js";
import type { JudgedImages } from "./judged-images.js";
import { type ScalarMetrics, scalarMetrics } from "./scalar-metrics.js";

/** The middle 95 % of what other images would give. */
export type Interval = readonly [low: number, high: number];

export interface Intervals {
  /** How often images were drawn. */
  readonly draws: number;
  /** Groups that were drawn whole; absent: single images were. */
  readonly groups?: number;
  readonly of: { readonly [K in keyof ScalarMetrics]: Interval };
}

const mostDraws = 1000;
const fewestDraws = 100;
/** Images times classes, over all draws: some seconds. */
const work = 1e8;
const [lowPart, highPart] = [0.025, 0.975];
/** Metrics that count images. */
const parts: ReadonlySet<keyof ScalarMetrics> = new Set([
  "accuracy",
  "top2Accuracy",
  "top3Accuracy",
  "top5Accuracy",
] as const);

/**
 * The 95 % interval of every scalar metric: percentiles of 1,000 draws with replacement, down to 100 where there are very
 * many images and classes. `groups` [n] names each image's group (patient, writer): groups are then drawn whole, since
 * images of one are right or wrong together.
 *
 * Where all images are right, or all wrong, so is every draw, which says nothing of those that were not seen: a part of the images then
 * has its exact binomial interval, as if each group were one image, and other metrics have none. A metric without
 * an interval, and all of a single group or image, have NaN.
 * Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, sections 3.8 and 5.3.1; Clopper and Pearson 1934.
 */
export function bootstrapIntervals(
  judged: JudgedImages,
  { seed, groups }: { readonly seed: number; readonly groups?: readonly string[] | undefined },
): Intervals {
  const n = judged.labels.length;
  const members = groups ? membersOf(groups) : undefined;
  const drawn = members?.length ?? n;
  const draws = Math.round(Math.min(mostDraws, Math.max(fewestDraws, work / (n * judged.classes))));
  const random = new SeededRandom(seed, "bootstrap");
  const weights = new Float64Array(n);
  const samples = Array.from({ length: draws }, () => {
    weights.fill(0);
    for (let i = 0; i < drawn; i++) {
      const one = random.integer(drawn);
      if (!members) weights[one]!++;
      else for (const image of members[one]!) weights[image]!++;
    }
    return scalarMetrics(judged, weights);
  });
  const names = Object.keys(samples[0]!) as (keyof ScalarMetrics)[];
  const of = Object.fromEntries(
    names.map((name) => {
      const [low, high] = middleOf(samples.map((one) => one[name]!));
      if (drawn < 2) return [name, unknown];
      return [name, low < high ? [low, high] : parts.has(name) ? exactOf(low, drawn) : unknown];
    }),
  ) as { [K in keyof ScalarMetrics]: Interval };
  return { draws, ...(members && { groups: members.length }), of };
}

const unknown: Interval = [Number.NaN, Number.NaN];

/** Draws in which a metric is not defined are left out. */
function middleOf(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
  return [at(lowPart), at(highPart)];
}

/** Of a part that is all or nothing of `n`. */
function exactOf(part: number, n: number): Interval {
  const rest = lowPart ** (1 / n);
  if (part === 1) return [rest, 1];
  return part === 0 ? [0, 1 - rest] : unknown;
}

function membersOf(groups: readonly string[]): number[][] {
  const byName = new Map<string, number[]>();
  for (const [image, name] of groups.entries()) {
    const members = byName.get(name);
    if (members) members.push(image);
    else byName.set(name, [image]);
  }
  return [...byName.values()];
}
