/** What a training tells while it runs. */
import type { SplitSide } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { Dataset } from "../dataset/dataset.js";
import type { ExtractProgress, Features } from "../features/extract-features.js";
import type { DownloadProgress } from "../weights/receive.js";

export type TrainEvent =
  | { readonly kind: "dataset"; readonly dataset: Dataset }
  | ({ readonly kind: "download" } & DownloadProgress)
  | { readonly kind: "backbone"; readonly backbone: Backbone }
  /** Values of the images that train are counted, to choose a window. */
  | ({ readonly kind: "values" } & ExtractProgress)
  /** The window that was chosen, and from what, in one line. */
  | { readonly kind: "window"; readonly said: string }
  | ({ readonly kind: "features" } & ExtractProgress)
  /** Every image was read; the dataset is now without those that could not be. */
  | { readonly kind: "read"; readonly dataset: Dataset; readonly features: Features }
  /** Which image is on which side; it does not change any more. */
  | { readonly kind: "split"; readonly dataset: Dataset; readonly sides: readonly SplitSide[] }
  /** Variants of the images that train go through the network, done and in all. */
  | ({ readonly kind: "variants" } & ExtractProgress)
  | { readonly kind: "augmented"; readonly computed: number; readonly cached: number }
  | { readonly kind: "head"; readonly phase: string; readonly step: number; readonly loss: number }
  | { readonly kind: "fold"; readonly fold: number; readonly folds: number; readonly accuracy: number }
  | { readonly kind: "warning"; readonly message: string };

export type OnTrainEvent = (event: TrainEvent) => void;
