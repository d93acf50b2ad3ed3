/** Assigns groups of samples to sides (folds; or train, val and test) so that every class has its share of each. */
import { SeededRandom } from "../seeded-random.js";
import type { SampleGroup } from "./gather-groups.js";

export interface Side {
  /** Of the samples, 0–1, more than 0; those of all sides add up to 1. */
  readonly share: number;
  /** What it costs to leave the side without a class. One misplaced class costs about 1. */
  readonly absence: number;
}

/** Passes over all groups that look for a better side; each pass lowers the cost, and few find anything. */
const passes = 10;

/** With more groups, pairs are not tried: there are too many, and single groups are small enough to balance. */
const groupsInPairs = 400;

/**
 * The side of every group. With n samples of N of a class on a side of share t, class and side cost
 * (n − tN)² / (tN²), and `absence` where n = 0; all samples together count as a class of little weight. Groups are
 * placed from the largest to the smallest where they cost least, then moved, and exchanged, while that lowers the cost.
 */
export function assignGroups(groups: readonly SampleGroup[], sides: readonly Side[], seed: number): number[] {
  const shuffled = new SeededRandom(seed, "groups").shuffled([...groups.keys()]);
  const balance = new Balance(groups, sides);
  // Stable, so that the seed decides among equals.
  const order = shuffled.sort((a, b) => balance.weightOf(b) - balance.weightOf(a));
  for (const group of order) balance.place(group, balance.bestSide(group));
  balance.absenceCounts = true; // not before: else the first groups, the largest, would fill small sides
  for (let pass = 0; pass < passes; pass++) {
    const moved = order.filter((group) => balance.improve(group)).length;
    const exchanged = groups.length <= groupsInPairs ? exchangePairs(balance, order) : 0;
    if (moved + exchanged === 0) break;
  }
  return groups.map((_, group) => balance.sideOf(group));
}

function exchangePairs(balance: Balance, order: readonly number[]): number {
  let exchanged = 0;
  for (const [i, first] of order.entries()) {
    for (const second of order.slice(i + 1)) if (balance.exchange(first, second)) exchanged++;
  }
  return exchanged;
}

/** Of all samples as a class: the size of the sides decides only where the classes do not. */
const weightOfAll = 0.02;

/** Changes of cost below this are rounding. */
const least = 1e-12;

/** How many samples of each class are on each side, kept while groups move. */
class Balance {
  readonly #sides: readonly Side[];
  /** Of each group: pairs of column and samples. The last column is all samples. */
  readonly #entries: readonly (readonly (readonly [column: number, samples: number])[])[];
  readonly #totals: readonly number[]; // by column
  readonly #counts: Float64Array; // [sides, columns]
  readonly #sideOf: number[]; // −1: not placed
  /** Whether an empty class costs its `absence`. */
  absenceCounts = false;

  constructor(groups: readonly SampleGroup[], sides: readonly Side[]) {
    const labels = [...new Set(groups.flatMap(({ counts }) => [...counts.keys()]))].sort((a, b) => a - b);
    const columnOf = new Map(labels.map((label, column) => [label, column]));
    const totals = new Array<number>(labels.length + 1).fill(0);
    this.#entries = groups.map(({ members, counts }) => [
      ...[...counts].map(([label, samples]) => [columnOf.get(label)!, samples] as const),
      [labels.length, members.length] as const,
    ]);
    for (const [column, samples] of this.#entries.flat()) totals[column]! += samples;
    this.#totals = totals;
    this.#sides = sides;
    this.#counts = new Float64Array(sides.length * totals.length);
    this.#sideOf = groups.map(() => -1);
  }

  sideOf(group: number): number {
    return this.#sideOf[group]!;
  }

  /** Rises with the parts of the classes that the group holds. */
  weightOf(group: number): number {
    return this.#entries[group]!.reduce((sum, [column, samples]) => sum + (samples / this.#totals[column]!) ** 2, 0);
  }

  /** Takes the group from where it is, if anywhere; side −1 leaves it unplaced. */
  place(group: number, side: number): void {
    this.#add(group, this.#sideOf[group]!, -1);
    this.#add(group, side, 1);
    this.#sideOf[group] = side;
  }

  /** The side on which an unplaced group costs least; of equals the first. */
  bestSide(group: number): number {
    const costs = this.#sides.map((_, side) => this.#change(group, side, 1));
    return costs.indexOf(Math.min(...costs));
  }

  /** Moves the group to its best side; false if it is there. */
  improve(group: number): boolean {
    const from = this.#sideOf[group]!;
    this.place(group, -1);
    const to = this.bestSide(group);
    const isBetter = this.#change(group, to, 1) < this.#change(group, from, 1) - least;
    this.place(group, isBetter ? to : from);
    return isBetter;
  }

  /** Exchanges the sides of two groups if that costs less. */
  exchange(first: number, second: number): boolean {
    const [from, to] = [this.#sideOf[first]!, this.#sideOf[second]!];
    if (from === to) return false;
    let change = this.#change(first, from, -1);
    this.place(first, -1);
    change += this.#change(second, to, -1);
    this.place(second, -1);
    change += this.#change(first, to, 1);
    this.place(first, to);
    change += this.#change(second, from, 1);
    this.place(second, from);
    if (change < -least) return true;
    this.place(first, from);
    this.place(second, to);
    return false;
  }

  #add(group: number, side: number, sign: 1 | -1): void {
    if (side < 0) return;
    const start = side * this.#totals.length;
    for (const [column, samples] of this.#entries[group]!) this.#counts[start + column]! += sign * samples;
  }

  /** By how much the cost changes when the group comes to the side, or leaves it. */
  #change(group: number, side: number, sign: 1 | -1): number {
    const start = side * this.#totals.length;
    let change = 0;
    for (const [column, samples] of this.#entries[group]!) {
      const now = this.#counts[start + column]!;
      change += this.#cost(column, side, now + sign * samples) - this.#cost(column, side, now);
    }
    return change;
  }

  #cost(column: number, side: number, samples: number): number {
    const { share, absence } = this.#sides[side]!;
    const total = this.#totals[column]!;
    const weight = column === this.#totals.length - 1 ? weightOfAll : 1;
    const missing = this.absenceCounts && samples === 0 ? absence : 0;
    return (weight * (samples - share * total) ** 2) / (share * total ** 2) + missing;
  }
}
