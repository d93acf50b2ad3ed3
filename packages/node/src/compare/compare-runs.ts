/** Runs side by side, on the images that all of them were measured on. */
import { bootstrapIntervals, holm, InputError, judgeImages, type ScalarMetrics, scalarMetrics } from "@grayling/core";
import type { FinishedRun } from "../run/finished-run.js";
import { type CommonImages, commonImages } from "./common-images.js";
import { type ComparedPair, comparePairs } from "./compare-pair.js";
import { type Disagreement, disagreements } from "./disagreements.js";
import { type SettingDifference, settingDifferences } from "./setting-differences.js";

export interface ComparedRun {
  /** Its folder's name, or the whole path where names coincide. */
  readonly name: string;
  readonly source: string;
  /** On the common images. */
  readonly metrics: ScalarMetrics;
  /** 95 %, by metric: as `metrics.json` has them where all its images are common. */
  readonly intervals: Readonly<Record<string, readonly [number | null, number | null]>>;
}

export interface PairVerdict extends ComparedPair {
  /** P as it counts when all pairs are looked at (Holm). */
  readonly adjusted: number;
  /** The index of the better run; undefined: no difference could be shown. */
  readonly better: number | undefined;
}

export interface RunComparison extends Pick<CommonImages, "side" | "images" | "measured" | "relabelled" | "groups"> {
  readonly runs: readonly ComparedRun[];
  readonly classes: readonly string[];
  readonly pairs: readonly PairVerdict[];
  readonly settings: readonly SettingDifference[];
  readonly disagreements: readonly Disagreement[];
  /** Whether a run was made with groups that are not known here: its images are not independent of one another. */
  readonly lacksGroups: boolean;
}

/** A table of more is no table. */
export const mostRuns = 10;
const significant = 0.05;

/**
 * Compares 2 to 10 runs. One is better than another where McNemar's exact test says so and, since images of a group are no
 * independent witnesses, the interval of the difference lies off zero.
 * Throws `InputError` for another number of runs, one that is named twice, other classes, and runs without common images.
 */
export function compareRuns(runs: readonly FinishedRun[]): RunComparison {
  if (runs.length < 2 || runs.length > mostRuns) {
    throw new InputError(`compare: expected 2 to ${mostRuns} runs, got ${runs.length}`);
  }
  const common = commonImages(runs);
  const names = namesOf(runs);
  const { classes } = runs[0]!.config;
  const pairs = comparePairs(common, runs.length);
  const adjusted = holm(pairs.map(({ pValue }) => pValue));
  return {
    ...common,
    runs: runs.map((run, i) => ({ name: names[i]!, source: run.source, ...measure(run, i, common) })),
    classes,
    pairs: pairs.map((pair, i) => ({ ...pair, adjusted: adjusted[i]!, better: betterOf(pair, adjusted[i]!) })),
    settings: settingDifferences(runs),
    disagreements: disagreements(common.images),
    lacksGroups: common.groups === undefined && runs.some(({ config }) => config["groups"] !== undefined),
  };
}

function betterOf({ interval: [low, high], difference, first, second }: ComparedPair, adjusted: number) {
  if (adjusted >= significant || (low <= 0 && high >= 0)) return undefined;
  return difference > 0 ? second : first;
}

function namesOf(runs: readonly FinishedRun[]): string[] {
  const sources = runs.map(({ source }) => source);
  const twice = sources.find((source, i) => sources.indexOf(source) !== i);
  if (twice !== undefined) throw new InputError(`compare: expected different runs, got ${twice} twice`);
  const names = runs.map(({ name }) => name);
  return new Set(names).size === names.length ? names : sources;
}

function measure(run: FinishedRun, index: number, { images, groups, measured, side }: CommonImages) {
  const { classes } = run.config;
  const labels = images.map(({ label }) => label);
  const probabilities = new Float32Array(images.length * classes.length);
  for (const [i, { answers }] of images.entries()) {
    probabilities.set(answers[index]!.probabilities, i * classes.length);
  }
  const judged = judgeImages(labels, probabilities, classes.length);
  const metrics = scalarMetrics(judged);
  const isWhole = images.length === measured[index];
  const recorded = isWhole ? recordedIntervals(run, side) : undefined;
  return { metrics, intervals: recorded ?? bootstrapIntervals(judged, { seed: 0, groups }).of };
}

function recordedIntervals({ metrics }: FinishedRun, side: CommonImages["side"]) {
  const measures = side === "test" ? metrics.test : (metrics.folds?.together ?? metrics.validation ?? undefined);
  return measures?.intervals?.of;
}
