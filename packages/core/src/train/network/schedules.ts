/** How the learning rate goes over a training: a part of the peak rate at each step. */
import { InputError } from "../../errors.js";

/** How long a training is. */
export interface ScheduleOptions {
  /** Steps of the whole training. */
  readonly steps: number;
  /** Steps at its begin over which the rate rises from 0 to its peak. */
  readonly warmUp: number;
  readonly stepsPerEpoch: number;
}

type Schedule = (step: number, options: ScheduleOptions) => number;

const stepEpochs = 10; // a choice: PyTorch's StepLR has no default
const stepFactor = 0.1; // PyTorch's default gamma

/**
 * The part of the peak rate at a step, from 0, by name.
 *
 *   constant    1, after the warm-up
 *   cosine      ½·(1 + cos(π·t)), t from the end of the warm-up to the end: Keras' CosineDecay with warm-up, to 0
 *   one-cycle   up from 1/25 by a cosine over the first 30 %, down to 1e-4/25 over the rest: PyTorch's OneCycleLR
 *   step        a tenth after every ten epochs: PyTorch's StepLR
 *   plateau     1 here; the trainer takes a tenth when a metric has stopped getting better
 */
const schedules = {
  constant: (step, { warmUp }) => rise(step, warmUp),
  cosine: (step, { steps, warmUp }) =>
    step < warmUp ? rise(step, warmUp) : (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, steps - warmUp))) / 2,
  "one-cycle": (step, { steps }) => {
    const [up, last] = [0.3 * steps - 1, steps - 1];
    if (step <= up) return between(1 / 25, 1, step / up);
    return between(1, 1e-4 / 25, (step - up) / (last - up));
  },
  step: (step, { warmUp, stepsPerEpoch }) =>
    rise(step, warmUp) * stepFactor ** Math.floor(Math.floor(step / stepsPerEpoch) / stepEpochs),
  plateau: (step, { warmUp }) => rise(step, warmUp),
} as const satisfies Record<string, Schedule>;

/** Names of the schedules. */
export type ScheduleName = keyof typeof schedules;

/** All of them. */
export const scheduleNames = Object.keys(schedules) as readonly ScheduleName[]; // the keys of a closed table

/** The part of the peak rate at a step, from 0. Throws `InputError` where the warm-up is longer than the training. */
export function rateFactor(name: ScheduleName, step: number, options: ScheduleOptions): number {
  if (options.warmUp > options.steps) {
    throw new InputError(
      `warm-up: ${options.warmUp} steps, expected no more than the ${options.steps} of the training`,
    );
  }
  return schedules[name](step, options);
}

const rise = (step: number, warmUp: number) => (step < warmUp ? step / warmUp : 1);

/** From `a` to `b` along half a cosine. */
const between = (a: number, b: number, part: number) => b + ((a - b) * (1 + Math.cos(Math.PI * part))) / 2;
