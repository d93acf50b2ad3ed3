/** Tries rates from small to large on one training, to find how large a rate it bears. */
import { SeededRandom } from "../../seeded-random.js";
import type { NetworkRows, Trainer } from "./fit-options.js";
import { targetsOf } from "./mix-batch.js";

/** Rates from `lowest` to `highest`, with which batches. */
export interface FindRateOptions {
  readonly lowest: number;
  readonly highest: number;
  /** Rates tried, each a fixed factor above the one before, with one batch each. */
  readonly steps: number;
  readonly batch: number;
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[];
  readonly seed: number;
}

/** A step with one rate. */
export interface TriedRate {
  readonly rate: number;
  /** Of the batch, before the step. */
  readonly loss: number;
  /** Exponential average of the losses so far, without the bias of its begin. */
  readonly smoothed: number;
}

/** What an average keeps at each step, and how far above the least the loss may go until the search ends: as fastai's. */
const kept = 0.9;
const tooFar = 2;

/**
 * Yields each rate that was tried, until the smoothed loss is more than `tooFar` times its least, or no number. The trainer's
 * weights are not what they were afterwards.
 * Source: Smith 2017, https://arxiv.org/abs/1506.01186, §3.3.
 */
export async function* findRate(
  trainer: Pick<Trainer, "learn">,
  rows: NetworkRows,
  { lowest, highest, steps, batch, labelSmoothing, classWeights, seed }: FindRateOptions,
): AsyncGenerator<TriedRate, void, void> {
  const size = Math.min(batch, rows.labels.length);
  let order: number[] = [];
  let [average, least] = [0, Infinity];
  for (let step = 0; step < steps; step++) {
    if (order.length < size) order = new SeededRandom(seed, `rate ${step}`).shuffled([...rows.labels.keys()]);
    const taken = order.splice(0, size);
    const rate = lowest * (highest / lowest) ** (step / Math.max(1, steps - 1));
    const targets = targetsOf(
      taken.map((row) => rows.labels[row]!),
      classWeights,
      labelSmoothing,
    );
    const { loss } = await trainer.learn({ input: await rows.read(taken, step), targets, rows: taken.length }, rate);
    average = kept * average + (1 - kept) * loss;
    const smoothed = average / (1 - kept ** (step + 1));
    if (!Number.isFinite(smoothed)) return;
    yield { rate, loss, smoothed };
    least = Math.min(least, smoothed);
    if (step > steps / 10 && smoothed > tooFar * least) return;
  }
}

/** A loss that falls by less than this does not fall. */
const leastGain = 0.999;

/**
 * A rate to begin with: a tenth of the one at which the smoothed loss is least, which is the edge of what the training bears.
 * Undefined where the loss never fell.
 */
export function proposeRate(tried: readonly TriedRate[]): number | undefined {
  const [first] = tried;
  if (!first) return undefined;
  const best = tried.reduce((a, b) => (b.smoothed < a.smoothed ? b : a));
  return best.smoothed < leastGain * first.smoothed ? best.rate / 10 : undefined;
}
