/** Divides labelled samples into training and validation so that every class has its share of each. */
import { InputError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";

/**
 * True for the samples that validate. Of a class with n samples, round(n · fraction) validate, at least one and never
 * all; a class with one sample trains. Fraction 0 takes none. A class' draw does not depend on the other classes.
 * Throws `InputError` for a fraction outside [0, 1).
 */
export function stratifiedSplit(labels: readonly number[], fraction: number, seed: number): boolean[] {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new InputError(`validation split: expected a fraction from 0 up to 1 (not 1 itself), got ${fraction}`);
  }
  const validates = new Array<boolean>(labels.length).fill(false);
  for (const [label, members] of membersByClass(labels)) {
    const wanted = Math.round(members.length * fraction);
    const taken = fraction === 0 ? 0 : Math.min(Math.max(wanted, 1), members.length - 1);
    const order = new SeededRandom(seed, `split/${label}`).shuffled(members);
    for (const index of order.slice(0, taken)) validates[index] = true;
  }
  return validates;
}

/**
 * The fold of every sample, 0 … folds − 1. The counts of one class differ by at most one between folds, and so do the
 * sizes of the folds. Throws `InputError` for fewer than 2 folds or more folds than samples.
 */
export function stratifiedFolds(labels: readonly number[], folds: number, seed: number): number[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > labels.length) {
    throw new InputError(`folds: expected a whole number from 2 to the ${labels.length} samples, got ${folds}`);
  }
  const foldOf = new Array<number>(labels.length).fill(0);
  // Dealt like cards; the next class goes on where the last one ended, else the first folds would get every remainder.
  let dealt = 0;
  for (const [label, members] of membersByClass(labels)) {
    for (const index of new SeededRandom(seed, `folds/${label}`).shuffled(members)) foldOf[index] = dealt++ % folds;
  }
  return foldOf;
}

/** Sample indices by label, labels ascending. */
export function membersByClass(labels: readonly number[]): [label: number, members: number[]][] {
  const members = new Map<number, number[]>();
  for (const [index, label] of labels.entries()) {
    const list = members.get(label);
    if (list) list.push(index);
    else members.set(label, [index]);
  }
  return [...members].sort(([a], [b]) => a - b);
}
