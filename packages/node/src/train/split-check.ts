/** What a wrong split is worth: the head's accuracy with groups on both sides, and with each on one. */
import {
  groupedStratifiedFolds,
  groupInterval,
  InputError,
  indexOfLargest,
  type MeanInterval,
  printable,
  stratifiedFolds,
} from "@grayling/core";
import { type Dataset, type DatasetImage, groupsOf } from "../dataset/dataset.js";
import { proposeGroups } from "../dataset/propose-groups.js";
import { type FeatureTable, selectRows } from "../features/feature-table.js";
import type { FoldResults } from "./cross-validate.js";
import { crossValidate } from "./cross-validate.js";
import { type TrainContext, trainHead } from "./train-head.js";
import { type FeatureSettings, type Ready, withFeatures } from "./with-features.js";

export interface SplitCheckSettings extends Omit<FeatureSettings, "validation" | "test" | "split"> {
  /** Default 5. */
  readonly folds?: number | undefined;
  /** So many splits of each kind are drawn, with as many seeds from `seed` on, and their results averaged. Default 5. */
  readonly repeats?: number | undefined;
}

export interface SplitCheck {
  /** What made the groups, and the pattern that gives the same with `--group`, if there is one. */
  readonly by: string;
  readonly pattern?: string;
  /** Whether they were found in the names; else they were given. */
  readonly isProposed: boolean;
  readonly images: number;
  readonly groups: number;
  readonly folds: number;
  readonly repeats: number;
  /** Accuracies, 0–1, each image predicted once in every repeat. Intervals are over groups. */
  readonly shuffled: MeanInterval;
  readonly grouped: MeanInterval;
  /** `shuffled` less `grouped`, image by image. */
  readonly leakage: MeanInterval;
  /** [repeats] What each pair of splits gave: how much of the above depends on the draw. */
  readonly splits: readonly { readonly shuffled: number; readonly grouped: number }[];
  /** Classes of one group each, which the grouped heads always get wrong. */
  readonly undivided: readonly string[];
  readonly skipped: Dataset["skipped"];
}

/**
 * Cross-validates the head twice on the same features: with stratified folds that know nothing of groups, and with
 * grouped ones; again with other draws of both, since one draw may be lucky. A ready-made split is passed over: all
 * images take part.
 * Throws `InputError` where groups are neither given nor seen in the names, and as a training does.
 */
export async function splitCheck(root: string, settings: SplitCheckSettings = {}): Promise<SplitCheck> {
  const { folds = 5, repeats = 5, ...others } = settings;
  if (!Number.isSafeInteger(repeats) || repeats < 1) {
    throw new InputError(`repeats ${repeats}: expected a whole number of at least 1`);
  }
  const plan = (dataset: Dataset) => {
    const { images } = chooseGroups(dataset);
    refuseWholeClasses(images, dataset.classes);
    groupedStratifiedFolds(labelsOf(images), groupsOf(images), folds, 0); // too many folds are told now
    return images.map(() => "train" as const);
  };
  return withFeatures(root, { ...others, folds }, plan, (ready) => compare(ready, folds, repeats));
}

async function compare(ready: Ready, folds: number, repeats: number): Promise<SplitCheck> {
  const { dataset, features, trunk, options } = ready;
  const { images, ...chosen } = chooseGroups(dataset);
  const [labels, groups] = [labelsOf(images), groupsOf(images)];
  const { values, tiles } = features;
  const table: FeatureTable = { values, tiles, columns: trunk.columns, labels };
  const context: TrainContext = { ...ready, classes: dataset.classes };
  const groupedFolds = (seed: number) => groupedStratifiedFolds(labels, groups, folds, seed);
  const fixed = await withOneC(table, groupedFolds(options.seed), context);
  const measure = async (foldOf: readonly number[]) =>
    rightOnes(await crossValidate(table, foldOf, fixed), labels, dataset.classes.length);
  const [shuffled, grouped]: [number[][], number[][]] = [[], []];
  for (let seed = options.seed; seed < options.seed + repeats; seed++) {
    shuffled.push(await measure(stratifiedFolds(labels, folds, seed)));
    grouped.push(await measure(groupedFolds(seed)));
  }
  const [ofShuffled, ofGrouped] = [meanOfEach(shuffled), meanOfEach(grouped)];
  const interval = (values: readonly number[]) => groupInterval(values, groups, options.seed);
  return {
    ...chosen,
    images: images.length,
    groups: new Set(groups).size,
    folds,
    repeats,
    shuffled: interval(ofShuffled),
    grouped: interval(ofGrouped),
    leakage: interval(ofShuffled.map((value, i) => value - ofGrouped[i]!)),
    splits: shuffled.map((own, i) => ({ shuffled: mean(own), grouped: mean(grouped[i]!) })),
    undivided: undividedClasses(images, dataset.classes),
    skipped: dataset.skipped,
  };
}

/** The same C for all, chosen once where no group is on two sides: searches for each would take minutes, and differ by chance. */
async function withOneC(table: FeatureTable, foldOf: readonly number[], context: TrainContext): Promise<TrainContext> {
  const training = selectRows(table, (row) => foldOf[row] !== 0);
  const { outcome } = await trainHead(training, context);
  return typeof outcome["C"] === "number" ? { ...context, candidates: [outcome["C"]] } : context;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The mean of each column of `rows`. */
const meanOfEach = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, column) => mean(rows.map((row) => row[column]!)));

/** 1 where the most probable class is the true one, else 0. */
function rightOnes({ probabilities }: FoldResults, labels: readonly number[], classes: number): number[] {
  return labels.map((label, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    return indexOfLargest(own) === label ? 1 : 0;
  });
}

interface Chosen extends Pick<SplitCheck, "by" | "pattern" | "isProposed"> {
  readonly images: readonly DatasetImage[];
}

/** The groups that were given, else the first proposal, which copies of a file may divide. */
function chooseGroups({ groupedBy, images, root }: Dataset): Chosen {
  if (groupedBy !== undefined) return { by: groupedBy, isProposed: false, images };
  const [best] = proposeGroups(images);
  if (!best) {
    throw new InputError(
      `group: the file names of ${root} tell of none, expected --group with a regular expression, such as 'patient_([0-9]+)'`,
    );
  }
  const named = images.map((image, i) => ({ ...image, group: best.groups[i]! }));
  const pattern = best.pattern === undefined ? {} : { pattern: best.pattern };
  return { by: best.what, ...pattern, isProposed: true, images: named };
}

/** Classes that are one group each: it is never on both sides, so that they cannot be learnt and measured. */
function undividedClasses(images: readonly DatasetImage[], classes: readonly string[]): string[] {
  const groups = groupsOf(images);
  return classes.filter((_, label) => new Set(groups.filter((_, i) => images[i]!.label === label)).size === 1);
}

/** Two classes at least must be left to learn, whatever group is held out. */
function refuseWholeClasses(images: readonly DatasetImage[], classes: readonly string[]): void {
  const undivided = undividedClasses(images, classes);
  if (classes.length - undivided.length >= 2) return;
  const which = undivided.length === classes.length ? "class" : `of ${undivided.map(printable).join(", ")}`;
  throw new InputError(
    `group: each ${which} is one group, which is never on both sides, so that it cannot be learnt and measured; expected groups that are a part of a class, such as patients`,
  );
}

const labelsOf = (images: readonly DatasetImage[]): number[] => images.map(({ label }) => label);
