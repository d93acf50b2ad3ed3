/** What a training tells while it runs. */
import type { FitEvent, HeadEpoch, SplitSide } from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";
import type { QuickFinding } from "../check/quick-check.js";
import type { Dataset } from "../dataset/dataset.js";
import type { ExtractProgress, Features } from "../features/extract-features.js";
import type { DownloadProgress } from "../weights/receive.js";
import type { Measured } from "./network/choose-kept.js";
import type { Plan } from "./network/plan-training.js";

export type TrainEvent =
  /** Where the run will lie, absolute; nothing is there before it is done. */
  | { readonly kind: "claimed"; readonly folder: string }
  | { readonly kind: "dataset"; readonly dataset: Dataset }
  /** What a look at the headers of all files found, worst first; `root` is what is trained on, absolute. */
  | { readonly kind: "checked"; readonly root: string; readonly findings: readonly QuickFinding[] }
  | ({ readonly kind: "download" } & DownloadProgress)
  | { readonly kind: "backbone"; readonly backbone: Backbone }
  /** Values of the images that train are counted, to choose a window. */
  | ({ readonly kind: "values" } & ExtractProgress)
  /** The window that was chosen, and from what, in one line. */
  | { readonly kind: "window"; readonly said: string }
  | ({ readonly kind: "features" } & ExtractProgress)
  /** Images of the report are read and drawn. */
  | ({ readonly kind: "report" } & ExtractProgress)
  /** Every image was read; the dataset is now without those that could not be. */
  | { readonly kind: "read"; readonly dataset: Dataset; readonly features: Features }
  /** Which image is on which side; it does not change any more. */
  | { readonly kind: "split"; readonly dataset: Dataset; readonly sides: readonly SplitSide[] }
  /** Variants of the images that train go through the network, done and in all. */
  | ({ readonly kind: "variants" } & ExtractProgress)
  | { readonly kind: "augmented"; readonly computed: number; readonly cached: number }
  | {
      readonly kind: "head";
      readonly phase: string;
      readonly step: number;
      readonly loss: number;
      /** Of a head of layers, whose steps are epochs. */
      readonly epoch?: HeadEpoch;
    }
  /** A fold was measured, by the head alone or by the network that was trained; `fold` from 1. */
  | {
      readonly kind: "fold";
      readonly of: "head" | "network";
      readonly fold: number;
      readonly folds: number;
      readonly accuracy: number;
    }
  /** What the training of the network will take, where that is asked for. */
  | { readonly kind: "plan"; readonly plan: Plan }
  /** What trains of the network, before it does. */
  | {
      readonly kind: "network";
      readonly layers: number; // of the backbone
      readonly parameters: number; // that train, the head's included
      readonly frozen: number; // parameters
      /** The node whose activations are kept; absent: the images themselves. */
      readonly cut: string | undefined;
      /** What is kept of the images that train, in memory or on disk. */
      readonly bytes: number;
      /** Images of an update, and how many of them go through the graph at once. */
      readonly batch: number;
      readonly imagesAtOnce: number;
    }
  /** Images, or their variants, go once through what is frozen. */
  | ({ readonly kind: "activations" } & ExtractProgress)
  /** Activations of all images and variants are there: so many were computed, so many kept by a training before. */
  | { readonly kind: "cut"; readonly computed: number; readonly cached: number }
  | {
      readonly kind: "network-progress";
      readonly progress: Exclude<FitEvent, { kind: "boundary" }>;
      readonly epochs: number; // at most
      readonly kernels: "portable" | "blocked";
    }
  /** An unfinished training was saved, and can go on from there. */
  | { readonly kind: "saved"; readonly folder: string }
  /** Whether the network that was trained is kept, or the head on the network as it was; on images that neither learned from. */
  | {
      readonly kind: "kept";
      readonly kept: "head" | "network";
      /** What decided. */
      readonly by: "loss" | "accuracy";
      readonly head: Measured;
      readonly network: Measured;
    }
  | { readonly kind: "warning"; readonly message: string };

export type OnTrainEvent = (event: TrainEvent) => void;
