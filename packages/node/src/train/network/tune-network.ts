/** Trains layers of the network, and decides whether what comes out is kept. */
import type { Model, SplitSide } from "@grayling/core";
import { selectRows } from "../../features/feature-table.js";
import { type FoldResults, meanAndDeviation, scatter } from "../cross-validate.js";
import { evaluateHead } from "../evaluate-head.js";
import type { HeadMeasures } from "../fit-head-alone.js";
import type { NetworkResults } from "../run-files.js";
import { featureTableOf, type Ready } from "../with-features.js";
import { chooseKept, whatWentWrong } from "./choose-kept.js";
import { fineTune, fineTuneFolds, type TunedNetwork } from "./fine-tune.js";
import type { UnfinishedRun } from "./unfinished-run.js";

/** Decides by the images that validate whether the network that was trained is better than the head alone. */
export async function tuneNetwork(
  ready: Ready,
  sides: readonly SplitSide[],
  head: Model,
  { validation, folds: ofHeads, unfinished }: HeadMeasures & { readonly unfinished: UnfinishedRun | undefined },
): Promise<NetworkResults> {
  const { onEvent, dataset, options, backbone } = ready;
  if (options.network?.batchNorm === "train" && backbone.isTransferred) {
    const message = `bn train: means and variances that the weights came with are estimated anew, from batches of ${options.batch}; with little data leave normalizations frozen`;
    onEvent({ kind: "warning", message });
  }
  const developing = [...sides.keys()].filter((i) => sides[i] !== "test");
  let folds: FoldResults | undefined;
  if (ofHeads) {
    const each = await fineTuneFolds(ready, developing, ofHeads, unfinished);
    const probabilities = new Float32Array(developing.length * dataset.classes.length);
    for (const [fold, own] of each.entries())
      scatter(probabilities, own.probabilities, ofHeads.foldOf, fold, dataset.classes.length);
    folds = { ...ofHeads, folds: each, probabilities };
  }
  const tuned = await fineTune(ready, sides, head, unfinished);
  const before = ofHeads ? meanOf(ofHeads) : validation?.metrics;
  const after = folds ? meanOf(folds) : tuned.validation?.metrics;
  if (!before || !after) return { tuned, kept: await keptUnseen(ready, sides, head, tuned), folds };
  const by = options.network?.watched ?? "accuracy";
  const kept = chooseKept(before, after, by);
  onEvent({ kind: "kept", kept, by, head: before, network: after });
  return { tuned, kept, folds };
}

/** What is kept where nothing validates: the network, unless it is worse even on the images that it learned from. */
async function keptUnseen(
  ready: Ready,
  sides: readonly SplitSide[],
  head: Model,
  { training }: TunedNetwork,
): Promise<"head" | "network"> {
  if (!training) return "network";
  const { runtime, dataset, options, onEvent } = ready;
  const own = selectRows(featureTableOf(ready), (row) => sides[row] === "train");
  const ofHead = await evaluateHead(head, own, { runtime, classes: dataset.classes });
  const { labelSmoothing = 0 } = options.network ?? {};
  const images = { labels: own.labels, classes: dataset.classes.length, labelSmoothing };
  const wrong = whatWentWrong(ofHead, training, images);
  if (wrong === undefined) return "network";
  const message = `training the network went wrong: ${wrong}; the head on the network as it was is kept; lower --lr, or let images validate`;
  onEvent({ kind: "warning", message });
  return "head";
}

const meanOf = ({ folds }: FoldResults) => ({
  accuracy: meanAndDeviation(folds.map(({ metrics }) => metrics.accuracy)).mean,
  logLoss: meanAndDeviation(folds.map(({ metrics }) => metrics.logLoss)).mean,
});
