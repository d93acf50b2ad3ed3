/** How much an image of each class counts in a loss. */
import { InputError } from "../errors.js";

/**
 * A weight per class, or "balanced" for n / (k · n_c), with k the classes that have images, which gives every class the same
 * say.
 */
export type ClassWeights = "balanced" | readonly number[];

/**
 * Images of each class. Throws `InputError` for another number of labels than `rows`, for labels that are no class, and for
 * images of fewer than two classes.
 */
export function countImages(rows: number, labels: readonly number[], classes: number): number[] {
  if (labels.length !== rows) throw new InputError(`head: expected a label per image, ${rows}, got ${labels.length}`);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) {
    if (counts[label] === undefined) throw new InputError(`head: expected labels 0 … ${classes - 1}, got ${label}`);
    counts[label]++;
  }
  const present = counts.filter((count) => count > 0).length;
  if (present < 2) throw new InputError(`head: expected images of at least two classes, got ${present}`);
  return counts;
}

/** A weight for each class of `counts` images; 1 without `classWeights`. Throws `InputError` for weights that do not fit. */
export function weightsOfClasses(counts: readonly number[], classWeights: ClassWeights | undefined): readonly number[] {
  if (classWeights === undefined) return counts.map(() => 1);
  if (classWeights === "balanced") {
    const images = counts.reduce((a, b) => a + b, 0);
    const present = counts.filter((count) => count > 0).length;
    return counts.map((count) => (count > 0 ? images / (present * count) : 0));
  }
  if (classWeights.length !== counts.length) {
    throw new InputError(`head: expected a weight for each of ${counts.length} classes, got ${classWeights.length}`);
  }
  const wrong = classWeights.find((weight) => !(weight > 0 && weight < Infinity));
  if (wrong !== undefined) throw new InputError(`head: expected class weights above 0, got ${wrong}`);
  return classWeights;
}
