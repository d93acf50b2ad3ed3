/** What a training tells while it runs. */
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import type { ExtractProgress, Features } from "../features/extract-features.js";
import type { DownloadProgress } from "../weights/receive.js";

export type TrainEvent =
  | { readonly kind: "dataset"; readonly dataset: Dataset }
  | ({ readonly kind: "download" } & DownloadProgress)
  | { readonly kind: "backbone"; readonly backbone: Backbone }
  | ({ readonly kind: "features" } & ExtractProgress)
  /** Every image was read; the dataset is now without those that could not be. */
  | { readonly kind: "read"; readonly dataset: Dataset; readonly features: Features }
  | { readonly kind: "head"; readonly phase: string; readonly step: number; readonly loss: number }
  | { readonly kind: "fold"; readonly fold: number; readonly folds: number; readonly accuracy: number }
  | { readonly kind: "warning"; readonly message: string };

export type OnTrainEvent = (event: TrainEvent) => void;
