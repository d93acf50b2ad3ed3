/** Which images validate. */
import { InputError, stratifiedSplit } from "@grayling/core";
import type { Dataset } from "../dataset/dataset.js";
import type { ResolvedOptions } from "./train-options.js";

/**
 * True for validation images: those of a ready-made `val/` folder (none, if none of them can be read), else a stratified
 * part of every class.
 * Throws `InputError` where cross-validation is asked of a ready-made split.
 */
export function splitImages(
  dataset: Dataset,
  { validation, seed, folds }: Pick<ResolvedOptions, "validation" | "seed" | "folds">,
): boolean[] {
  const { images, root } = dataset;
  if (images.some(({ split }) => split !== null)) {
    if (folds === undefined) return images.map(({ split }) => split === "val");
    throw new InputError(
      `folds: ${root} is split into train and val already; leave out --folds, or give a folder of classes`,
    );
  }
  const labels = images.map(({ label }) => label);
  return folds === undefined ? stratifiedSplit(labels, validation ?? 0, seed) : labels.map(() => false);
}
