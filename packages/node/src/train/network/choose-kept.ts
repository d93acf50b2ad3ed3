/** Whether a network that was trained is kept, or the head on the network as it was. */
import type { Metrics } from "@grayling/core";
import type { Evaluated } from "../evaluate-head.js";

/** How well one of the two does on images that it has not learned from; of folds the means. */
export type Measured = Pick<Metrics, "accuracy" | "logLoss">;

/**
 * The network, if it is better by what also chose its best epoch: `watched`. Of equal accuracies the lower loss is better. (By
 * loss alone a network trained on smoothed targets may lose against a head that is right less often: it is never sure.)
 */
export function chooseKept(head: Measured, network: Measured, watched: "loss" | "accuracy"): "head" | "network" {
  const isSurer = network.logLoss < head.logLoss;
  const isBetter =
    watched === "loss" || network.accuracy === head.accuracy ? isSurer : network.accuracy > head.accuracy;
  return isBetter ? "network" : "head";
}

/** What the images that train tell, where no others do. */
export interface OnTraining {
  readonly labels: readonly number[];
  readonly classes: number;
  readonly labelSmoothing: number;
}

/**
 * Why a training went wrong where nothing validates, in a clause; undefined where nothing says so. On the very images that it
 * learned from a network must not be worse than the head alone, neither in accuracy nor in the loss that it learned by.
 */
export function whatWentWrong(head: Evaluated, network: Evaluated, images: OnTraining): string | undefined {
  const [own, ofHead] = [network, head].map(({ probabilities }) => smoothedLoss(probabilities, images)) as [
    number,
    number,
  ]; // of two
  const isWorse = !(own <= ofHead) && network.metrics.accuracy < head.metrics.accuracy;
  if (!isWorse) return undefined;
  const [right, rightOfHead] = [network, head].map(({ metrics }) => `${(100 * metrics.accuracy).toFixed(1)} %`);
  return `on the images that train it has a loss of ${own.toFixed(3)} and is right in ${right}, the head alone ${ofHead.toFixed(3)} and ${rightOfHead}`;
}

/** Mean cross-entropy in nats with targets of which a part is spread over all classes. */
function smoothedLoss(probabilities: Float32Array, { labels, classes, labelSmoothing }: OnTraining): number {
  let loss = 0;
  for (const [i, label] of labels.entries()) {
    for (let k = 0; k < classes; k++) {
      const target = labelSmoothing / classes + (k === label ? 1 - labelSmoothing : 0);
      loss -= target * Math.log(Math.max(probabilities[i * classes + k]!, smallest));
    }
  }
  return loss / labels.length;
}

const smallest = 2 ** -126; // of a normal float32: what is called 0 was less
