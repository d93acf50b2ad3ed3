/** The training of a network by epochs: order, rates, validation, early stopping, and where a stopped one goes on. */
import { InputError } from "../../errors.js";
import type { Weights } from "../../graph/model.js";
import type { Tensor } from "../../graph/tensor.js";
import { SeededRandom } from "../../seeded-random.js";
import { type EpochRecord, watchEpoch } from "../layers/early-stopping.js";
import { countCorrect } from "../layers/head-evaluation.js";
import type { StopSignal } from "../layers/head-options.js";
import { type EvaluatedRows, evaluateRows } from "./evaluate-rows.js";
import { type MixOptions, mixBatch, targetsOf } from "./mix-batch.js";
import type { StepResult, TrainerState, TrainingBatch } from "./network-trainer.js";
import { rateFactor, type ScheduleName } from "./schedules.js";

/** A `NetworkTrainer`, in this thread or another. */
export interface Trainer {
  learn(batch: TrainingBatch, rate: number): Promise<StepResult>;
  evaluate(input: Tensor): Promise<Float32Array>;
  state(): Promise<TrainerState> | TrainerState;
  restore(state: TrainerState): Promise<void> | void;
}

/** Images as the network reads them at its cut. */
export interface NetworkRows {
  /** The class of each image. */
  readonly labels: readonly number[];
  /** The images asked for, [rows, …]; with augmentation another draw in every epoch, from 0. The caller may change them. */
  read(rows: readonly number[], epoch: number): Promise<Tensor>;
}

/** How the training goes. */
export interface FitOptions extends MixOptions {
  readonly epochs: number;
  /** Images of one update. */
  readonly batch: number;
  /** At the peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Epochs over which the rate rises from 0; may be a part of one. */
  readonly warmUp: number; // epochs
  /** Stops after so many epochs in a row without a better value of what is watched. */
  readonly patience: number;
  /** What decides about the best epoch and about stopping: of the validation images. */
  readonly watched: "loss" | "accuracy";
  /** What an image of each class counts. */
  readonly classWeights: readonly number[];
  readonly seed: number;
  /** The last batch of an epoch, where it is not full, is left out. */
  readonly dropsLast: boolean;
  readonly signal?: StopSignal | undefined;
}

/** How an epoch went. */
export interface NetworkEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's images, while weights change, dropout is on and targets are mixed. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the validation images after the epoch; absent where there are none. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly learningRate: number;
}

/** Where a training stands between two steps: plain data. */
export interface FitPosition {
  /** Epoch, from 0, and steps of it that are done. */
  readonly epoch: number;
  readonly step: number;
  /** Of the epoch so far. */
  readonly lossSum: number;
  readonly correct: number;
  readonly seen: number;
  readonly record: EpochRecord | null;
  /** What the schedule "plateau" has made of the rate, and since when. */
  readonly plateau: { readonly factor: number; readonly since: number };
  readonly history: readonly NetworkEpoch[];
}

/** All that a training needs to go on exactly. */
export interface FitCheckpoint {
  readonly position: FitPosition;
  readonly trainer: TrainerState;
  /** Weights of the best epoch; those of the last one where nothing validates. */
  readonly best: Weights;
}

/** What happens on the way. */
export type FitEvent =
  | {
      readonly kind: "step";
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly images: number;
    }
  | { readonly kind: "epoch"; readonly epoch: NetworkEpoch; readonly isBest: boolean }
  /** A moment at which `checkpoint` may be asked for what must be saved. */
  | { readonly kind: "boundary"; readonly isEpoch: boolean; readonly checkpoint: () => Promise<FitCheckpoint> };

/** What a training came to. */
export interface FitResult {
  readonly history: readonly NetworkEpoch[];
  /** From 1. */
  readonly bestEpoch: number;
  /** Weights of the best epoch, of those that train. */
  readonly best: Weights;
}

/** After so many epochs without a gain "plateau" takes a tenth of the rate: PyTorch's defaults of ReduceLROnPlateau. */
const plateauPatience = 10;
const plateauFactor = 0.1;

const start: FitPosition = {
  ...{ epoch: 0, step: 0, lossSum: 0, correct: 0, seen: 0, record: null },
  plateau: { factor: 1, since: 0 },
  history: [],
};

/** A training as it goes; its parts move it on. */
interface Run {
  readonly trainer: Trainer;
  readonly training: NetworkRows;
  readonly options: FitOptions;
  readonly steps: number; // of an epoch
  position: FitPosition;
  best: Weights | undefined;
}

/**
 * Trains by mini-batches in an order that seed and epoch decide, so that a training that goes on from a checkpoint ends in the
 * same numbers as one that never stopped. Yields what happens; returns the best epoch.
 *
 * Throws `InputError` where the loss is no number, with the layer whose gradient is the largest; the signal's reason between
 * two steps, after a last "boundary".
 */
export async function* fitNetwork(
  trainer: Trainer,
  training: NetworkRows,
  validation: NetworkRows | undefined,
  options: FitOptions,
  from?: FitCheckpoint,
): AsyncGenerator<FitEvent, FitResult, void> {
  const { epochs, batch, signal } = options;
  const steps = stepsOf(training, options);
  const run: Run = { trainer, training, options, steps, position: from?.position ?? start, best: from?.best };
  if (from) await trainer.restore(from.trainer);
  const checkpoint = async (): Promise<FitCheckpoint> => {
    const state = await trainer.state();
    return { position: run.position, trainer: state, best: run.best ?? state.weights };
  };

  while (run.position.epoch < epochs && !run.position.record?.stop) {
    for await (const step of trainEpoch(run)) {
      yield step;
      yield { kind: "boundary", isEpoch: false, checkpoint };
      signal?.throwIfAborted();
    }
    const measured = validation && (await evaluateRows(trainer, validation, batch));
    const { epoch, isBest } = endEpoch(run, measured);
    if (isBest) run.best = await weightsNow(trainer);
    yield { kind: "epoch", epoch, isBest };
    yield { kind: "boundary", isEpoch: true, checkpoint };
    signal?.throwIfAborted();
  }
  const { record, history } = run.position;
  const bestEpoch = record ? record.bestEpoch + 1 : history.length;
  return { history, bestEpoch, best: run.best ?? (await weightsNow(trainer)) };
}

function stepsOf({ labels }: NetworkRows, { batch, dropsLast }: FitOptions): number {
  const steps = dropsLast ? Math.floor(labels.length / batch) : Math.ceil(labels.length / batch);
  if (steps > 0) return steps;
  throw new InputError(`batch: ${batch} images, expected no more than the ${labels.length} that train`);
}

/** The steps of an epoch that are not done yet; the images of the next one are read while one is computed. */
async function* trainEpoch(run: Run): AsyncGenerator<Extract<FitEvent, { kind: "step" }>, void, void> {
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

/** Takes note of an epoch whose steps are done and moves on to the next. */
function endEpoch(
  run: Run,
  measured: EvaluatedRows | undefined,
): { readonly epoch: NetworkEpoch; readonly isBest: boolean } {
  const { options, steps } = run;
  const { lossSum, correct, seen, plateau, history, ...last } = run.position;
  const epoch: NetworkEpoch = {
    epoch: last.epoch + 1,
    loss: lossSum / seen,
    accuracy: correct / seen,
    ...(measured && { validationLoss: measured.loss, validationAccuracy: measured.accuracy }),
    learningRate: rateAt(last.epoch * steps + steps - 1, steps, plateau.factor, options),
  };
  const record = measured ? watch(options, last.record, measured) : null;
  run.position = {
    ...start,
    epoch: last.epoch + 1,
    record,
    plateau: nextPlateau(options, plateau, record),
    history: [...history, epoch],
  };
  return { epoch, isBest: !record || record.bestEpoch === record.epoch };
}

/** What would be kept of a training that ended here: the moving average where there is one. */
async function weightsNow(trainer: Trainer): Promise<Weights> {
  const { weights, average } = await trainer.state();
  return new Map([...weights, ...average]);
}

/**
 * Steps over which a rate rises at least, where it rises at all, and where the training has twice as many: an epoch of few images is
 * over before an adaptive optimizer knows the size of the gradients, and its first steps are as long as the rate allows.
 */
const leastWarmUp = 40;

function rateAt(step: number, stepsPerEpoch: number, plateau: number, options: FitOptions): number {
  const { epochs, warmUp, schedule, learningRate } = options;
  const steps = epochs * stepsPerEpoch;
  const least = warmUp === 0 ? 0 : Math.min(leastWarmUp, steps / 2);
  const rising = Math.round(Math.min(steps, Math.max(least, warmUp * stepsPerEpoch)));
  return learningRate * plateau * rateFactor(schedule, step, { steps, warmUp: rising, stepsPerEpoch });
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

const watch = (
  { watched, patience }: FitOptions,
  last: EpochRecord | null,
  measured: { loss: number; accuracy: number },
) => watchEpoch({ better: watched === "loss" ? "lower" : "higher", patience }, last ?? undefined, measured[watched]);

function nextPlateau({ schedule }: FitOptions, { factor, since }: FitPosition["plateau"], record: EpochRecord | null) {
  if (schedule !== "plateau" || !record || record.bestEpoch === record.epoch) return { factor, since: 0 };
  return since + 1 > plateauPatience ? { factor: factor * plateauFactor, since: 0 } : { factor, since: since + 1 };
}
