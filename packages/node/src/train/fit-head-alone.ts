/** The head on the network as it is. */
import type { SplitSide } from "@grayling/core";
import { selectWithVariants } from "../augment/select-with-variants.js";
import { selectRows } from "../features/feature-table.js";
import { crossValidate, type FoldResults } from "./cross-validate.js";
import { type Evaluated, evaluateHead } from "./evaluate-head.js";
import { readVariants } from "./read-variants.js";
import { foldImages } from "./split-images.js";
import { type TrainContext, type TrainedHead, trainHead } from "./train-head.js";
import { featureTableOf, type Ready } from "./with-features.js";

/** Undefined for a side without images, or without folds. */
export interface HeadMeasures {
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  readonly folds: FoldResults | undefined;
}

/** Trains and measures it, with folds each of them too. */
export async function fitHeadAlone(
  ready: Ready,
  sides: readonly SplitSide[],
): Promise<HeadMeasures & { readonly head: TrainedHead }> {
  const { runtime, dataset, options, onEvent, signal } = ready;
  const table = featureTableOf(ready);
  const context: TrainContext = { runtime, classes: dataset.classes, options, onEvent, signal };
  const ofSide = (side: SplitSide) => selectRows(table, (row) => sides[row] === side);
  const training = ofSide("train"); // with folds all that is not tested
  const variants = await readVariants(ready, sides);
  const foldOf = options.folds && foldImages(dataset, sides, options.folds, options.seed);
  const head = await trainHead(
    selectWithVariants(training, variants, () => true),
    context,
  );
  const folds = foldOf ? await crossValidate(training, foldOf, withPenaltyOf(head, context), variants) : undefined;
  const evaluate = async (side: SplitSide) =>
    sides.includes(side) ? await evaluateHead(head.model, ofSide(side), context) : undefined;
  return { head, folds, validation: await evaluate("val"), test: await evaluate("test") };
}

/**
 * With the C of this head alone, where it is linear. Heads of other C are sure of themselves in other ways: no one temperature suits
 * them all, and neither it nor sets of theirs would suit the head that is kept.
 */
function withPenaltyOf({ outcome }: TrainedHead, context: TrainContext): TrainContext {
  const C = outcome["C"];
  return typeof C === "number" ? { ...context, candidates: [C] } : context;
}
