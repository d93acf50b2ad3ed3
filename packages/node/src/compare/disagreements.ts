/** Images of which runs say different things. */
import type { CommonImage } from "./common-images.js";

export interface Disagreement extends CommonImage {
  /** What each run says, in the order of the runs. */
  readonly isRight: readonly boolean[];
}

/** Those of which some runs are right and others wrong first, and of these the surest mistake first. */
export function disagreements(images: readonly CommonImage[]): Disagreement[] {
  return images
    .filter(({ answers }) => answers.some(({ predicted }) => predicted !== answers[0]!.predicted))
    .map((image) => ({ ...image, isRight: image.answers.map(({ predicted }) => predicted === image.label) }))
    .sort((a, b) => Number(isDivided(b)) - Number(isDivided(a)) || surestMistake(b) - surestMistake(a));
}

/** Whether some runs are right and others wrong. */
export const isDivided = ({ isRight }: Pick<Disagreement, "isRight">): boolean => new Set(isRight).size > 1;

const surestMistake = ({ answers, isRight }: Disagreement): number =>
  Math.max(...answers.map(({ probabilities, predicted }, run) => (isRight[run] ? 0 : probabilities[predicted]!)));
