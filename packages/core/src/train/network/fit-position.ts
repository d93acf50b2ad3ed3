/** Where a training of a network stands, what is told of it on the way, and what it came to: plain data. */
import type { Weights } from "../../graph/model.js";
import type { EpochRecord } from "../layers/early-stopping.js";
import type { TrainerState } from "./network-trainer.js";

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

/** Before the first step. */
export const fitStart: FitPosition = {
  ...{ epoch: 0, step: 0, lossSum: 0, correct: 0, seen: 0, record: null },
  plateau: { factor: 1, since: 0 },
  history: [],
};
