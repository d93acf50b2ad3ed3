/** Which images train, which validate and which test. */
import { groupedStratifiedFolds, groupedStratifiedSplit, InputError, type SplitSide } from "@grayling/core";
import { type Dataset, type DatasetImage, groupsOf } from "../dataset/dataset.js";
import type { ResolvedOptions } from "./train-options.js";

type SplitOptions = Pick<ResolvedOptions, "validation" | "test" | "seed" | "folds">;

/**
 * The side of every image: that of a ready-made split (no validation, if none of its `val/` can be read), else drawn, a
 * stratified part of every class, with no group on two sides. With folds all but the test trains.
 * Throws `InputError` where cross-validation or a test is asked of a ready-made split that has it.
 */
export function splitImages(dataset: Dataset, { validation, test, seed, folds }: SplitOptions): SplitSide[] {
  const { images, root } = dataset;
  const isSplit = images.some(({ split }) => split === "train" || split === "val");
  if (test !== undefined && images.some(({ split }) => split !== null)) {
    throw new InputError(`test: ${root} is split already; leave out --test, or give a folder of classes`);
  }
  if (isSplit && folds !== undefined) {
    throw new InputError(
      `folds: ${root} is split into train and val already; leave out --folds, or give a folder of classes`,
    );
  }
  const open = images.filter(({ split }) => split === null);
  const fractions = { val: folds === undefined ? (validation ?? 0) : 0, test: test ?? 0 };
  const drawn = groupedStratifiedSplit(labelsOf(open), groupsOf(open), fractions, seed)[Symbol.iterator]();
  return images.map(({ split }) => split ?? drawn.next().value!); // one for each that is open
}

/** The fold of every image that is not tested, in their order; no group is in two. Throws as `groupedStratifiedFolds`. */
export function foldImages({ images }: Dataset, sides: readonly SplitSide[], folds: number, seed: number): number[] {
  const developing = images.filter((_, i) => sides[i] !== "test");
  return groupedStratifiedFolds(labelsOf(developing), groupsOf(developing), folds, seed);
}

const labelsOf = (images: readonly DatasetImage[]): number[] => images.map(({ label }) => label);

export interface SideCount {
  readonly images: number;
  /** An image without a group counts as one of its own. */
  readonly groups: number;
}

/** What is on each side that has images, training first. */
export function countSides(images: readonly DatasetImage[], sides: readonly SplitSide[]): Map<SplitSide, SideCount> {
  const names = groupsOf(images);
  const counts = new Map<SplitSide, SideCount>();
  for (const side of ["train", "val", "test"] as const) {
    const own = names.filter((_, i) => sides[i] === side);
    if (own.length > 0) counts.set(side, { images: own.length, groups: new Set(own).size });
  }
  return counts;
}
