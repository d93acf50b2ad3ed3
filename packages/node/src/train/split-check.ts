/** What a wrong split is worth: the head's accuracy with groups on both sides, and with each on one. */
import {
  groupedStratifiedFolds,
  groupInterval,
  InputError,
  indexOfLargest,
  type MeanInterval,
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
  /** Accuracies, 0–1, each image predicted once. Intervals are over groups. */
  readonly shuffled: MeanInterval;
  readonly grouped: MeanInterval;
  /** `shuffled` less `grouped`, image by image. */
  readonly leakage: MeanInterval;
  readonly skipped: Dataset["skipped"];
}

/**
 * Cross-validates the head twice on the same features: with stratified folds that know nothing of groups, and with
 * grouped ones. A ready-made split is passed over: all images take part.
 * Throws `InputError` where groups are neither given nor seen in the names, and as a training does.
 */
export async function splitCheck(root: string, settings: SplitCheckSettings = {}): Promise<SplitCheck> {
  const { folds = 5, ...others } = settings;
  const plan = (dataset: Dataset) => {
    const { images } = chooseGroups(dataset);
    groupedStratifiedFolds(labelsOf(images), groupsOf(images), folds, 0); // too many folds are told now
    return images.map(() => "train" as const);
  };
  return withFeatures(root, { ...others, folds }, plan, (ready) => compare(ready, folds));
}

async function compare(ready: Ready, folds: number): Promise<SplitCheck> {
  const { dataset, features, trunk, options } = ready;
  const { images, ...chosen } = chooseGroups(dataset);
  const [labels, groups] = [labelsOf(images), groupsOf(images)];
  const table: FeatureTable = { values: features.values, columns: trunk.columns, labels };
  const context: TrainContext = { ...ready, classes: dataset.classes };
  const wholeGroups = groupedStratifiedFolds(labels, groups, folds, options.seed);
  // The same C for both, chosen once: twenty searches for it would take minutes, and differ by chance.
  const { outcome } = await trainHead(
    selectRows(table, (row) => wholeGroups[row] !== 0),
    context,
  );
  const fixed: TrainContext = typeof outcome["C"] === "number" ? { ...context, candidates: [outcome["C"]] } : context;
  const measure = async (foldOf: readonly number[]) =>
    rightOnes(await crossValidate(table, foldOf, fixed), labels, dataset.classes.length);
  const shuffled = await measure(stratifiedFolds(labels, folds, options.seed));
  const grouped = await measure(wholeGroups);
  const interval = (values: readonly number[]) => groupInterval(values, groups, options.seed);
  return {
    ...chosen,
    images: images.length,
    groups: new Set(groups).size,
    folds,
    shuffled: interval(shuffled),
    grouped: interval(grouped),
    leakage: interval(shuffled.map((value, i) => value - grouped[i]!)),
    skipped: dataset.skipped,
  };
}

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

const labelsOf = (images: readonly DatasetImage[]): number[] => images.map(({ label }) => label);
