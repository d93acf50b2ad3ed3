/** What a model file says of its own certainty: what `predict` needs to tell calibrated, decided, unknown and sets. */
import * as v from "valibot";

const Probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

export const ModelJudgement = v.object({
  /** That the head's weights carry; 1: none was fitted. */
  temperature: v.pipe(v.number(), v.gtValue(0)),
  /** The output `set` lacks the true class of a part `alpha` of the images of each class, at most. */
  sets: v.optional(v.object({ alpha: Probability, thresholds: v.array(Probability) })),
  /** The output `novelty` is above 1 for a part `rate` of familiar images, at most. */
  unknown: v.optional(v.object({ rate: Probability })),
  /** Classes that are called from a probability of their own on. */
  thresholds: v.optional(
    v.array(
      v.object({
        className: v.string(),
        threshold: Probability,
        metric: v.picklist(["recall", "precision"]),
        value: Probability,
      }),
    ),
    [],
  ),
});

export type ModelJudgement = v.InferOutput<typeof ModelJudgement>;

/** Of models that were never judged. */
export const notJudged: ModelJudgement = { temperature: 1, thresholds: [] };
