/** Judges the classifier that a training keeps, and puts what was found into its model. */
import {
  addNovelty,
  addPredictionSet,
  InputError,
  join,
  type Model,
  type SplitSide,
  scaleLogits,
  type ThresholdGoal,
} from "@grayling/core";
import { extractFeatures } from "../../features/extract-features.js";
import type { FeatureTable } from "../../features/feature-table.js";
import { buildTrunk } from "../../features/trunk.js";
import type { FoldResults } from "../cross-validate.js";
import type { Evaluated } from "../evaluate-head.js";
import { featureTableOf, type Ready } from "../with-features.js";
import { type DoubtfulImage, findDoubtfulImages } from "./doubtful-images.js";
import { type Judgement, judge } from "./judge.js";

/** What a training came to. */
export interface KeptClassifier {
  /** 1-channel, BatchNorm folded: image → features. */
  readonly trunk: Model;
  /** Features → probabilities. */
  readonly head: Model;
  /** Features that `trunk` gives the images of the dataset. */
  readonly table: FeatureTable;
  /** Whether layers of the trunk have trained. */
  readonly isTuned: boolean;
  readonly validation: Evaluated | undefined;
  readonly test: Evaluated | undefined;
  readonly folds: FoldResults | undefined;
}

export interface JudgedClassifier {
  readonly judgement: Judgement;
  /** The head with its temperature. */
  readonly head: Model;
  /** Image → `predictions`, and, as far as images were held out to fit them on, `set` and `novelty`. */
  readonly model: Model;
  /** Most doubtful first; undefined where there are too few images to tell. */
  readonly doubtful: readonly DoubtfulImage[] | undefined;
}

/**
 * `headFolds` are the folds of the head alone, if there are some: doubtful labels are told by the network as it was, which has not
 * learnt them.
 */
export async function judgeKept(
  ready: Ready,
  kept: KeptClassifier,
  {
    sides,
    goals,
    headFolds,
    candidates,
  }: {
    readonly sides: readonly SplitSide[];
    readonly goals: readonly ThresholdGoal[];
    readonly headFolds: FoldResults | undefined;
    /** C of the linear head, which its folds need not search again. */
    readonly candidates: readonly number[] | undefined;
  },
): Promise<JudgedClassifier> {
  const { runtime, dataset, options, onEvent, signal } = ready;
  const { classes } = dataset;
  const { seed, coverage } = options;
  const onWarning = (message: string) => onEvent({ kind: "warning", message });
  const judgement = await judge({ runtime, classes, seed, coverage, goals, onWarning, sides, ...kept });
  const { calibration, sets, novelty } = judgement;
  const head = calibration ? scaleLogits(kept.head, 1 / calibration.temperature) : kept.head;
  const joined = join(kept.trunk, head);
  const withSet = sets ? addPredictionSet(joined, sets.thresholds) : joined;
  const features = kept.trunk.graph.outputs[0]!; // a trunk has one
  const model = novelty ? addNovelty(withSet, { features, bank: novelty.bank, threshold: novelty.threshold }) : withSet;
  const context = { runtime, classes, options, onEvent, signal, candidates };
  const isTested = sides.includes("test");
  const doubtful = await findDoubtfulImages(featureTableOf(ready), context, isTested ? undefined : headFolds);
  return { judgement, head, model, doubtful };
}

/** Every image once through a network that was trained. Throws `InputError` where one cannot be read any more. */
export async function featuresOfTuned(ready: Ready, backbone: Model): Promise<FeatureTable> {
  const { runtime, dataset, options, chosen, onEvent, signal } = ready;
  const trunk = buildTrunk({ ...ready.backbone, model: backbone }, options.fit, options.interpolation);
  const session = await runtime.openForBatches(trunk.encoded);
  const features = await extractFeatures(dataset.images, trunk, session, {
    batch: options.batch,
    window: chosen.window,
    maxPixels: options.maxPixels,
    signal,
    onSkip: (index, reason) => {
      throw new InputError(`${dataset.images[index]!.relative}: was read before, and cannot be any more: ${reason}`);
    },
    onProgress: (progress) => onEvent({ kind: "features", ...progress }),
  });
  await session.release();
  return { ...featureTableOf(ready), values: features.values, columns: trunk.columns };
}
