/** What a training of a network by epochs is given: who learns, from which images, and how. */
import type { Tensor } from "../../graph/tensor.js";
import type { StopSignal } from "../layers/head-options.js";
import type { MixOptions } from "./mix-batch.js";
import type { StepResult, TrainerState, TrainingBatch } from "./network-trainer.js";
import type { ScheduleName } from "./schedules.js";

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
  /** Of the schedule "plateau": it multiplies the rate by `factor` after more than `patience` epochs in a row without a better one. */
  readonly plateau: { readonly patience: number; readonly factor: number };
  /** Epochs over which the rate rises from 0; may be a part of one. */
  readonly warmUp: number; // epochs
  /** Stops after so many epochs in a row without a better value of what is watched. */
  readonly patience: number;
  /** What decides about the best epoch and about stopping: of the validation images. Of equal accuracies the lower loss is better. */
  readonly watched: "loss" | "accuracy";
  /** What an image of each class counts. */
  readonly classWeights: readonly number[];
  readonly seed: number;
  /** The last batch of an epoch, where it is not full, is left out. */
  readonly dropsLast: boolean;
  readonly signal?: StopSignal | undefined;
}
