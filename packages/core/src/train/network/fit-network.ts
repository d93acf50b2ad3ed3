/** The training of a network by epochs: order, rates, validation, early stopping, and where a stopped one goes on. */
import { InputError } from "../../errors.js";
import type { Weights } from "../../graph/model.js";
import { type EpochRecord, watchEpoch } from "../layers/early-stopping.js";
import { type EvaluatedRows, evaluateRows } from "./evaluate-rows.js";
import { type FitRun, trainEpoch } from "./fit-epoch.js";
import type { FitOptions, NetworkRows, Trainer } from "./fit-options.js";
import { type FitCheckpoint, type FitEvent, type FitResult, fitStart, type NetworkEpoch } from "./fit-position.js";
import { nextPlateau, rateAt } from "./step-rate.js";

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
  const run: FitRun = { trainer, training, options, steps, position: from?.position ?? fitStart, best: from?.best };
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

/** Takes note of an epoch whose steps are done and moves on to the next. */
function endEpoch(
  run: FitRun,
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
  const record = measured ? watch(options, last.record, history, measured) : null;
  run.position = {
    ...fitStart,
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

function stepsOf({ labels }: NetworkRows, { batch, dropsLast }: FitOptions): number {
  const steps = dropsLast ? Math.floor(labels.length / batch) : Math.ceil(labels.length / batch);
  if (steps > 0) return steps;
  throw new InputError(`batch: ${batch} images, expected no more than the ${labels.length} that train`);
}

function watch(
  { watched, patience }: FitOptions,
  last: EpochRecord | null,
  history: readonly NetworkEpoch[],
  measured: { readonly loss: number; readonly accuracy: number },
): EpochRecord {
  const rule = { better: watched === "loss" ? "lower" : "higher", patience } as const;
  const record = watchEpoch(rule, last ?? undefined, measured[watched]);
  // Few validation images make few different accuracies: among equal ones the loss tells.
  const isFiner =
    watched === "accuracy" &&
    measured.accuracy === last?.best &&
    measured.loss < (history[last.bestEpoch]?.validationLoss ?? -Infinity);
  return isFiner ? { ...record, bestEpoch: record.epoch, stop: false } : record;
}
