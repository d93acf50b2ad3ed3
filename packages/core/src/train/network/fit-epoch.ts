/** The steps of one epoch: the order of images, targets, mixing and rates, all of which seed, epoch and step decide. */
import { InputError } from "../../errors.js";
import type { Weights } from "../../graph/model.js";
import type { Tensor } from "../../graph/tensor.js";
import { SeededRandom } from "../../seeded-random.js";
import { countCorrect } from "../layers/head-evaluation.js";
import type { FitOptions, NetworkRows, Trainer } from "./fit-options.js";
import type { FitEvent, FitPosition } from "./fit-position.js";
import { mixBatch, targetsOf } from "./mix-batch.js";
import type { StepResult } from "./network-trainer.js";
import { rateAt } from "./step-rate.js";

/** A training as it goes; its parts move it on. */
export interface FitRun {
  readonly trainer: Trainer;
  readonly training: NetworkRows;
  readonly options: FitOptions;
  readonly steps: number; // of an epoch
  position: FitPosition;
  best: Weights | undefined;
}

/** Does the steps of the epoch at hand that are not done yet, and yields each; the images of the next one are read while one is computed. */
export async function* trainEpoch(run: FitRun): AsyncGenerator<Extract<FitEvent, { kind: "step" }>, void, void> {
  const { trainer, training, options, steps } = run;
  const { batch, seed } = options;
  const { epoch } = run.position;
  const order = new SeededRandom(seed, `order ${epoch}`).shuffled([...training.labels.keys()]);
  const rowsOf = (step: number) => order.slice(step * batch, (step + 1) * batch);
  const read = (step: number) => {
    const reading = step < steps ? training.read(rowsOf(step), epoch) : undefined;
    reading?.catch(() => {}); // thrown where it is awaited
    return reading;
  };
  let next = read(run.position.step);
  while (run.position.step < steps) {
    const { step, plateau, lossSum, correct, seen } = run.position;
    const input = await next!;
    next = read(step + 1);
    const labels = rowsOf(step).map((row) => training.labels[row]!);
    const at = epoch * steps + step;
    const rate = rateAt(at, steps, plateau.factor, options);
    const result = await learn(trainer, { input, labels, at, rate }, options);
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.norms.global))
      throw diverged(result, run.position, rate);
    const images = labels.length;
    run.position = {
      ...run.position,
      step: step + 1,
      lossSum: lossSum + result.loss * images,
      correct: correct + countCorrect(result.logits, labels),
      seen: seen + images,
    };
    yield { kind: "step", epoch: epoch + 1, step: step + 1, steps, loss: result.loss, learningRate: rate, images };
  }
}

interface StepInput {
  readonly input: Tensor;
  readonly labels: readonly number[];
  /** The step, from 0, of the whole training. */
  readonly at: number;
  readonly rate: number;
}

async function learn(
  trainer: Trainer,
  { input, labels, at, rate }: StepInput,
  options: FitOptions,
): Promise<StepResult> {
  const targets = targetsOf(labels, options.classWeights, options.labelSmoothing);
  mixBatch(input, targets, labels.length, options, new SeededRandom(options.seed, `mix ${at}`));
  return trainer.learn({ input, targets, rows: labels.length }, rate);
}

function diverged({ loss, norms }: StepResult, position: FitPosition, rate: number): InputError {
  const where = `epoch ${position.epoch + 1}, step ${position.step + 1}`;
  const largest = Number.isFinite(loss)
    ? `the gradient of ${norms.largest} is no number`
    : `the largest gradient is ${norms.largest}'s`;
  return new InputError(
    `training: the loss of ${where} is ${loss}, ${largest}; lower the learning rate, now ${rate.toPrecision(3)}`,
  );
}
