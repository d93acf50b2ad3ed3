/** Divides labelled samples into folds that no group of samples straddles. */
import { InputError } from "../errors.js";
import { assignGroups } from "./assign-groups.js";
import { assertUndivided, gatherGroups } from "./gather-groups.js";
import { stratifiedFolds } from "./split.js";

/** A fold without a class tells nothing of it: that is worse than any imbalance. */
const absence = 1000;

/**
 * The fold of every sample, 0 … folds − 1: no group is in two folds, and every class has about its share of each.
 * `groups` [labels.length] names each sample's group. Where every sample is a group of its own these are
 * `stratifiedFolds`, to the sample.
 * Throws `InputError` for fewer than 2 folds, or more folds than groups.
 */
export function groupedStratifiedFolds(
  labels: readonly number[],
  groups: readonly string[],
  folds: number,
  seed: number,
): number[] {
  const gathered = gatherGroups(labels, groups);
  if (gathered.length === labels.length) return stratifiedFolds(labels, folds, seed);
  if (!Number.isInteger(folds) || folds < 2 || folds > gathered.length) {
    throw new InputError(`folds: expected a whole number from 2 to the ${gathered.length} groups, got ${folds}`);
  }
  const sides = Array.from({ length: folds }, () => ({ share: 1 / folds, absence }));
  const assigned = assignGroups(gathered, sides, seed);
  const foldOf = new Array<number>(labels.length).fill(0);
  for (const [group, { members }] of gathered.entries()) for (const index of members) foldOf[index] = assigned[group]!;
  assertUndivided(groups, foldOf);
  return foldOf;
}
