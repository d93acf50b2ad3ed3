/** The proof that a folded network is the one it was folded from: both are run on the same image. */
import {
  cut,
  type Difference,
  foldBatchNorm,
  foldGrayscale,
  largestDifference,
  type Model,
  type Runtime,
  type Tensor,
} from "@grayling/core";
import { threeTimes } from "../images/read-plane.js";
import { runModel } from "../runtime/run-model.js";

export interface FoldProof {
  /** After the stem's BatchNormalization, where the image's border is last seen by itself. */
  readonly stem: Difference;
  /** Pooled features. */
  readonly features: Difference;
  /** Whether float32 rounding explains both. */
  readonly isEqual: boolean;
}

/** Largest difference ÷ largest value that float32 rounding explains: Keras itself shows up to 8.6e-6, another order of sums three times that. */
export const roundingLimit = 2.6e-5;

const stemLayer = "stem_bn";

/** The model, which reads three channels, on `plane` [1, 1, H, W] three times, against its fold on the plane itself. */
export async function proveFold(runtime: Runtime, model: Model, plane: Tensor): Promise<FoldProof> {
  const top = model.graph.outputs[0]!;
  // One after the other: the largest networks take a gigabyte each while they are open.
  const expected = await runModel(runtime, cut(model, stemLayer, top), threeTimes(plane));
  const folded = await runModel(runtime, foldBatchNorm(cut(foldGrayscale(model), stemLayer, top)), plane);
  const compare = (layer: string) => largestDifference(folded[layer]!.data, expected[layer]!.data);
  const [stem, features] = [compare(stemLayer), compare(top)];
  return { stem, features, isEqual: [stem, features].every((one) => relative(one) <= roundingLimit) };
}

/** Difference ÷ largest value. */
export const relative = ({ difference, scale }: Difference): number => (difference === 0 ? 0 : difference / scale);
