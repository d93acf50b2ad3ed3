/** How well a class can be told from one value alone. */

export interface ClassRule {
  /** Part that the best rule on the value gets right, each sample left out of its own rule, 0–1. */
  readonly accuracy: number;
  /** Part that always saying the commonest class gets right. */
  readonly majority: number;
  /** (accuracy − majority) / (1 − majority): 0 for no better than that, 1 for always right; not below 0. */
  readonly gain: number;
}

/** A gain below this is chance, or harmless. */
export const noticedGain = 0.2;

/** From this on a gain is as bad as its kind can be. */
export const severeGain = 0.5;

/**
 * The rule says of each value the class that most of the others with this value have. A value that occurs once says
 * nothing: its sample counts as wrong, so that names of files or fine brightness do not pass for rules.
 */
export function classRule(values: readonly string[], labels: readonly number[]): ClassRule {
  const tables = new Map<string, Map<number, number>>();
  const totals = new Map<number, number>();
  for (const [i, value] of values.entries()) {
    const counts = tables.get(value) ?? new Map<number, number>();
    tables.set(value, counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1));
    totals.set(labels[i]!, (totals.get(labels[i]!) ?? 0) + 1);
  }
  let right = 0;
  for (const counts of tables.values()) right += rightWithout(counts);
  const accuracy = right / values.length;
  const majority = Math.max(...totals.values()) / values.length;
  return { accuracy, majority, gain: majority < 1 ? Math.max(0, (accuracy - majority) / (1 - majority)) : 0 };
}

/** Of one value: samples whose class is the commonest of the others; a tie is not right. */
function rightWithout(counts: ReadonlyMap<number, number>): number {
  const [first = 0, second = 0] = [...counts.values()].sort((a, b) => b - a);
  return first - 1 > second ? first : 0;
}

const mostBins = 24;
const leastInBin = 10;

/** Numbers as a few values: bins that hold about as many samples each, 10 or more; the same number, the same bin. */
export function quantileBins(numbers: readonly number[]): string[] {
  const count = Math.max(1, Math.min(mostBins, Math.floor(numbers.length / leastInBin)));
  const sorted = [...numbers].sort((a, b) => a - b);
  const borders = Array.from({ length: count - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / count)]!);
  return numbers.map((number) => String(borders.filter((border) => number >= border).length));
}
