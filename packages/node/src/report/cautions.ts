/** What to be careful about before a run's numbers are believed, in words. */

import {
  belowValidation,
  fewImages,
  nothingHeldOut,
  notKept,
  notTransferred,
  selectedOn,
  weakClasses,
} from "./accuracy-cautions.js";
import type { Caution, CautionContent } from "./caution.js";
import { coverageBelow, offProbabilities, refusals } from "./certainty-cautions.js";
import { doubtfulLabels, imbalance, onTwoSides, togetherness, unread } from "./image-cautions.js";

/** Most serious first. */
export function cautions(content: CautionContent): Caution[] {
  return [
    nothingHeldOut,
    onTwoSides,
    togetherness,
    fewImages,
    selectedOn,
    belowValidation,
    imbalance,
    weakClasses,
    offProbabilities,
    coverageBelow,
    refusals,
    doubtfulLabels,
    unread,
    notKept,
    notTransferred,
  ].flatMap((rule) => rule(content) ?? []);
}
