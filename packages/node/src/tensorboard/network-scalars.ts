/** A network's training as Keras' callback names it. */
import type { TrainEvent } from "../train/train-events.js";
import type { Scalars } from "./event-message.js";

type Progress = Extract<TrainEvent, { kind: "network-progress" }>["progress"];

export interface PartScalars {
  readonly part: "train" | "validation";
  readonly step: number;
  readonly scalars: Scalars;
}

/** Updates count from 1 over all epochs, epochs from 0. Source: Keras 3.15, `keras/src/callbacks/tensorboard.py`. */
export function networkScalars(progress: Progress): PartScalars[] {
  if (progress.kind === "step") {
    const { epoch, step, steps, loss, learningRate } = progress;
    const scalars = { batch_loss: loss, batch_learning_rate: learningRate };
    return [{ part: "train", step: (epoch - 1) * steps + step, scalars }];
  }
  const { epoch, loss, accuracy, learningRate, validationLoss, validationAccuracy } = progress.epoch;
  const trained = { epoch_loss: loss, epoch_accuracy: accuracy, epoch_learning_rate: learningRate };
  const train: PartScalars = { part: "train", step: epoch - 1, scalars: trained };
  if (validationLoss === undefined || validationAccuracy === undefined) return [train];
  const validated = { epoch_loss: validationLoss, epoch_accuracy: validationAccuracy };
  return [train, { part: "validation", step: epoch - 1, scalars: validated }];
}
