/** The learning rate of a step: its schedule, the rise at the begin, and what "plateau" has made of it. */
import type { EpochRecord } from "../layers/early-stopping.js";
import type { FitOptions } from "./fit-options.js";
import type { FitPosition } from "./fit-position.js";
import { rateFactor } from "./schedules.js";

/**
 * Steps over which a rate rises at least, where it rises at all, and where the training has twice as many: an epoch of few images is
 * over before an adaptive optimizer knows the size of the gradients, and its first steps are as long as the rate allows.
 */
const leastWarmUp = 40;

/** Of step `step` of the whole training, from 0; `plateau` is the factor of the schedule "plateau". */
export function rateAt(step: number, stepsPerEpoch: number, plateau: number, options: FitOptions): number {
  const { epochs, warmUp, schedule, learningRate } = options;
  const steps = epochs * stepsPerEpoch;
  const least = warmUp === 0 ? 0 : Math.min(leastWarmUp, steps / 2);
  const rising = Math.round(Math.min(steps, Math.max(least, warmUp * stepsPerEpoch)));
  return learningRate * plateau * rateFactor(schedule, step, { steps, warmUp: rising, stepsPerEpoch });
}

/** What the schedule "plateau" makes of an epoch. */
export function nextPlateau(
  options: FitOptions,
  { factor, since }: FitPosition["plateau"],
  record: EpochRecord | null,
): FitPosition["plateau"] {
  const { schedule, plateau } = options;
  if (schedule !== "plateau" || !record || record.bestEpoch === record.epoch) return { factor, since: 0 };
  return since + 1 > plateau.patience ? { factor: factor * plateau.factor, since: 0 } : { factor, since: since + 1 };
}
