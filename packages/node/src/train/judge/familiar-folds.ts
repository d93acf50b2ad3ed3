/** Images that the network has not learnt from, and with which others each may be compared as a new one would be. */
import { groupedStratifiedFolds, type SplitSide } from "@grayling/core";
import type { FeatureTable } from "../../features/feature-table.js";
import type { FoldResults } from "../cross-validate.js";

const folds = 5;

export interface FamiliarOptions {
  /** [images] */
  readonly sides: readonly SplitSide[];
  /** Of the images that are not tested. */
  readonly crossValidated: FoldResults | undefined;
  /** Whether layers of the network have learnt from the images that train, which then are nearer to each other than new ones. */
  readonly isTuned: boolean;
  readonly seed: number;
}

/**
 * [images] The fold of each familiar image: it is compared with the images that train outside of it. Those that validate are
 * one; those that train are five, by groups, where the network has not learnt from them: ten that validate alone would let
 * 1 image in 11 be called unknown. Undefined for the others, and for a class of a single group, which is familiar to no other.
 */
export function familiarFolds(
  { labels, groups = labels.map((_, image) => String(image)) }: FeatureTable,
  { sides, crossValidated, isTuned, seed }: FamiliarOptions,
): (number | undefined)[] {
  if (crossValidated) {
    const known = crossValidated.foldOf[Symbol.iterator]();
    return sides.map((side) => (side === "test" ? undefined : known.next().value!)); // one for each
  }
  const training = isTuned ? [] : inSeveralGroups(labels, groups, sides);
  const [ownLabels, ownGroups] = [training.map((image) => labels[image]!), training.map((image) => groups[image]!)];
  const count = Math.min(folds, new Set(ownGroups).size);
  const drawn = count < 2 ? [] : groupedStratifiedFolds(ownLabels, ownGroups, count, seed);
  const foldOf = new Map(training.map((image, row) => [image, 1 + drawn[row]!]));
  return sides.map((side, image) => (side === "val" ? 0 : foldOf.get(image)));
}

/** The images that train whose class has others of another group. */
function inSeveralGroups(labels: readonly number[], groups: readonly string[], sides: readonly SplitSide[]): number[] {
  const training = [...labels.keys()].filter((image) => sides[image] === "train");
  const groupsOf = new Map<number, Set<string>>();
  for (const image of training) {
    const own = groupsOf.get(labels[image]!) ?? new Set<string>();
    groupsOf.set(labels[image]!, own.add(groups[image]!));
  }
  return training.filter((image) => groupsOf.get(labels[image]!)!.size >= 2);
}
