/** Divides labelled samples into training, validation and test so that no group of samples is on two sides. */
import { InputError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { assignGroups } from "./assign-groups.js";
import { assertUndivided, gatherGroups } from "./gather-groups.js";
import { membersByClass, stratifiedSplit } from "./split.js";

export const splitSides = ["train", "val", "test"] as const;
export type SplitSide = (typeof splitSides)[number];

export interface SplitFractions {
  /** Part of the samples that validates, 0 up to 1. */
  readonly val: number;
  /** Part of the samples that is kept for the last test, 0 up to 1. */
  readonly test: number;
}

/** What it costs to leave a side without a class: training needs them all, whatever becomes of the others. */
const absences: Readonly<Record<SplitSide, number>> = { train: 1e6, val: 1000, test: 1000 };

/**
 * The side of every sample. No group is on two sides; each class has about its share on each, at least one group in
 * training, and one in validation and test where it has so many. Where every sample is a group of its own, those that
 * validate are `stratifiedSplit`'s, to the sample; the test takes those drawn next, so that they do not change for it.
 * Throws `InputError` for fractions outside [0, 1), or that leave nothing to train on.
 */
export function groupedStratifiedSplit(
  labels: readonly number[],
  groups: readonly string[],
  fractions: SplitFractions,
  seed: number,
): SplitSide[] {
  check(fractions);
  const gathered = gatherGroups(labels, groups);
  if (gathered.length === labels.length) return splitSamples(labels, fractions, seed);
  const shares = { train: 1 - fractions.val - fractions.test, ...fractions };
  const sides = splitSides.filter((side) => shares[side] > 0);
  const assigned = assignGroups(
    gathered,
    sides.map((side) => ({ share: shares[side], absence: absences[side] })),
    seed,
  );
  const sideOf = new Array<SplitSide>(labels.length).fill("train");
  for (const [group, { members }] of gathered.entries()) {
    for (const index of members) sideOf[index] = sides[assigned[group]!]!;
  }
  assertUndivided(groups, sideOf);
  return sideOf;
}

function check({ val, test }: SplitFractions): void {
  for (const [name, fraction] of Object.entries({ validation: val, test })) {
    if (fraction >= 0 && fraction < 1) continue;
    throw new InputError(`${name} split: expected a fraction from 0 up to 1 (not 1 itself), got ${fraction}`);
  }
  if (val + test < 1) return;
  throw new InputError(`validation and test split: expected less than 1 together, got ${val} and ${test}`);
}

function splitSamples(labels: readonly number[], { val, test }: SplitFractions, seed: number): SplitSide[] {
  const validates = stratifiedSplit(labels, val, seed);
  const sideOf = validates.map((isVal): SplitSide => (isVal ? "val" : "train"));
  if (test === 0) return sideOf;
  for (const [label, members] of membersByClass(labels)) {
    const order = new SeededRandom(seed, `split/${label}`).shuffled(members); // as `stratifiedSplit` draws
    const left = order.filter((index) => !validates[index]);
    const taken = Math.min(Math.max(Math.round(members.length * test), 1), left.length - 1);
    for (const index of left.slice(0, taken)) sideOf[index] = "test";
  }
  return sideOf;
}
