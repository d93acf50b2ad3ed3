/** What a model's judgement makes of an image's probabilities: the class that is called, the classes that it may be, or unknown. */
import { conformalSet, decideClass } from "@grayling/core";
import type { ModelJudgement } from "../run/model-judgement.js";

export interface Decision {
  /** The most probable class, or the one that its own threshold calls. */
  readonly label: string;
  /** Whether the image is unlike everything that trained, so that no class means much; false where the model cannot tell. */
  readonly isUnknown: boolean;
  /** How unlike: above 1 it is unknown. Absent: the model cannot tell. */
  readonly novelty?: number;
  /** The classes that it may be of, with the coverage that was promised. Absent: the model cannot tell. */
  readonly set?: readonly string[];
}

/** `probabilities` [classes] are calibrated, as the model gives them. */
export function decide(
  probabilities: Float32Array,
  classes: readonly string[],
  { sets, unknown, thresholds }: ModelJudgement,
  novelty?: number | undefined,
): Decision {
  const own = classes.map((name) => thresholds.find(({ className }) => className === name)?.threshold);
  return {
    label: classes[decideClass(probabilities, own)]!,
    isUnknown: unknown !== undefined && novelty !== undefined && novelty > 1,
    ...(unknown && novelty !== undefined && { novelty }),
    ...(sets && { set: conformalSet(probabilities, sets).map((k) => classes[k]!) }),
  };
}
