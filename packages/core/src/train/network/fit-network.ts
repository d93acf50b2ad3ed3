/** The training of a network by epochs: order, rates, validation, early stopping, and where a stopped one goes on. */
import { InputError } from "../../errors.js";
import type { Weights } from "../../graph/model.js";
import type { Tensor } from "../../graph/tensor.js";
import { SeededRandom } from "../../seeded-random.js";
import { type EpochRecord, watchEpoch } from "../layers/early-stopping.js";
import { countCorrect } from "../layers/head-evaluation.js";
import type { StopSignal } from "../layers/head-options.js";
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

export interface FitOptions extends MixOptions {
  readonly epochs: number;
  /** Images of one update. */
  readonly batch: number;
  /** At the peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Epochs over which the rate rises from 0; may be a part of one. */
  readonly warmUp: number;
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

export interface FitCheckpoint {
  readonly position: FitPosition;
  readonly trainer: TrainerState;
  /** Weights of the best epoch; those of the last one where nothing validates. */
  readonly best: Weights;
}

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
  const { epochs, batch, seed, signal, dropsLast } = options;
  const images = training.labels.length;
  const steps = dropsLast ? Math.floor(images / batch) : Math.ceil(images / batch);
  if (steps === 0) throw new InputError(`batch: ${batch} images, expected no more than the ${images} that train`);
  let position = from?.position ?? start;
  let best = from?.best;
  if (from) await trainer.restore(from.trainer);
  const checkpoint = async (): Promise<FitCheckpoint> => {
    const state = await trainer.state();
    return { position, trainer: state, best: best ?? state.weights };
  };

  while (position.epoch < epochs && !position.record?.stop) {
    const order = new SeededRandom(seed, `order ${position.epoch}`).shuffled([...training.labels.keys()]);
    const rowsOf = (step: number) => order.slice(step * batch, Math.min(images, (step + 1) * batch));
    let next = position.step < steps ? training.read(rowsOf(position.step), position.epoch) : undefined;
    next?.catch(() => {}); // thrown where it is awaited
    while (position.step < steps) {
      const rows = rowsOf(position.step);
      const input = await next!;
      const isLast = position.step + 1 >= steps;
      next = isLast ? undefined : training.read(rowsOf(position.step + 1), position.epoch);
      next?.catch(() => {});
      const labels = rows.map((row) => training.labels[row]!);
      const at = position.epoch * steps + position.step;
      const rate = rateAt(at, steps, position.plateau.factor, options);
      const result = await learn(trainer, { input, labels, at, rate }, options);
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.norms.global))
        throw diverged(result, position, rate);
      position = {
        ...position,
        step: position.step + 1,
        lossSum: position.lossSum + result.loss * rows.length,
        correct: position.correct + countCorrect(result.logits, labels),
        seen: position.seen + rows.length,
      };
      yield {
        kind: "step",
        epoch: position.epoch + 1,
        step: position.step,
        steps,
        loss: result.loss,
        learningRate: rate,
        images: rows.length,
      };
      yield { kind: "boundary", isEpoch: false, checkpoint };
      signal?.throwIfAborted();
    }
    const measured = validation && (await evaluateRows(trainer, validation, batch));
    const { lossSum, correct, seen } = position;
    const epoch: NetworkEpoch = {
      epoch: position.epoch + 1,
      loss: lossSum / seen,
      accuracy: correct / seen,
      ...(measured && { validationLoss: measured.loss, validationAccuracy: measured.accuracy }),
      learningRate: rateAt(position.epoch * steps + steps - 1, steps, position.plateau.factor, options),
    };
    const record = measured ? watch(options, position.record, measured) : null;
    const isBest = !record || record.bestEpoch === record.epoch;
    position = {
      ...start,
      epoch: position.epoch + 1,
      record,
      plateau: nextPlateau(options, position.plateau, record),
      history: [...position.history, epoch],
    };
    if (isBest) best = await weightsNow(trainer);
    yield { kind: "epoch", epoch, isBest };
    yield { kind: "boundary", isEpoch: true, checkpoint };
    signal?.throwIfAborted();
  }
  const bestEpoch = position.record ? position.record.bestEpoch + 1 : position.history.length;
  return { history: position.history, bestEpoch, best: best ?? (await weightsNow(trainer)) };
}

/** What would be kept of a training that ended here: the moving average where there is one. */
async function weightsNow(trainer: Trainer): Promise<Weights> {
  const { weights, average } = await trainer.state();
  return new Map([...weights, ...average]);
}

function rateAt(step: number, stepsPerEpoch: number, plateau: number, options: FitOptions): number {
  const { epochs, warmUp, schedule, learningRate } = options;
  const steps = epochs * stepsPerEpoch;
  const rising = Math.min(steps, Math.round(warmUp * stepsPerEpoch));
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

/** Loss and accuracy of images that do not train. */
export async function evaluateRows(
  trainer: Pick<Trainer, "evaluate">,
  { labels, read }: NetworkRows,
  batch: number,
): Promise<{ readonly loss: number; readonly accuracy: number; readonly logits: Float32Array }> {
  const parts: Float32Array[] = [];
  for (let from = 0; from < labels.length; from += batch) {
    const rows = Array.from({ length: Math.min(batch, labels.length - from) }, (_, i) => from + i);
    parts.push(await trainer.evaluate(await read(rows, 0)));
  }
  const classes = parts[0]!.length / Math.min(batch, labels.length);
  const logits = new Float32Array(labels.length * classes);
  for (const [i, part] of parts.entries()) logits.set(part, i * batch * classes);
  const loss = labels.reduce((sum, label, row) => sum + negativeLogLikelihood(logits, row, classes, label), 0);
  return { loss: loss / labels.length, accuracy: countCorrect(logits, labels) / labels.length, logits };
}

function negativeLogLikelihood(logits: Float32Array, row: number, classes: number, label: number): number {
  const own = logits.subarray(row * classes, (row + 1) * classes);
  const most = own.reduce((a, b) => Math.max(a, b));
  const sum = own.reduce((total, logit) => total + Math.exp(logit - most), 0);
  return most + Math.log(sum) - own[label]!;
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
