/** What of a training can be told to be wrong before its features are computed. */
import { efficientNet, InputError, parseHead, type SplitSide, selectLayers } from "@grayling/core";
import type { Dataset } from "../dataset/dataset.js";
import { foldImages, splitImages } from "./split-images.js";
import type { ResolvedOptions } from "./train-options.js";

/**
 * Throws now what would otherwise be thrown after the features have been computed. Returns the sides, which are drawn again
 * when it is known which images can be read.
 */
export function checkPlan(dataset: Dataset, options: ResolvedOptions): readonly SplitSide[] {
  parseHead(options.head, dataset.classes.length);
  const { model, height, width, network } = options;
  if (network) selectLayers(efficientNet(model, { height, width, includeTop: false }), network.unfreeze);
  const sides = splitImages(dataset, options);
  checkThresholds(dataset, options, sides);
  if (options.folds !== undefined) foldImages(dataset, sides, options.folds, options.seed);
  return sides;
}

function checkThresholds(
  { classes }: Dataset,
  { thresholds = [], folds }: ResolvedOptions,
  sides: readonly SplitSide[],
): void {
  for (const { metric, value, className } of thresholds) {
    const subject = `threshold ${metric}:${value}:${className}`;
    if (!classes.includes(className)) {
      throw new InputError(`${subject}: no such class, expected one of ${classes.join(", ")}`);
    }
    if (folds === undefined && !sides.includes("val")) {
      throw new InputError(`${subject}: no image validates, so none can be chosen; set --val or --folds`);
    }
  }
}
