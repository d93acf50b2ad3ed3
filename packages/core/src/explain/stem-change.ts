/** What was done to a network's first convolution, in words for people. */
import { nodesOf } from "../graph/graph.js";
import { imageInput } from "../graph/image-input.js";
import type { Model } from "../graph/model.js";
import { showShape } from "../graph/tensor.js";

/**
 * One line: how the stem of `before` became that of `after`, which reads another number of channels, by `foldChannels`.
 * Exact for gray; for another number than 1 and 3 it says that it is an approximation.
 */
export function stemChange(before: Model, after: Model): string {
  const [from, to] = [before, after].map(stemOf) as [Stem, Stem]; // as many as models
  if (from.channels === to.channels) return `stem: reads ${countedChannels(to.channels)}, as it is`;
  const kernels = `${from.name} ${showShape(from.kernel)} → ${showShape(to.kernel)}`;
  const hasOnes = to.kernel[1] === to.channels + 1;
  const planes = hasOnes
    ? "with a plane of ones that carries the channels' offsets"
    : "all channels are prepared alike";
  const change =
    to.channels === 1
      ? `${countedChannels(from.channels)} folded into one, exactly`
      : `${countedChannels(from.channels)} repeated over ${to.channels} and rescaled, an approximation`;
  return `stem: ${change} (${kernels}, ${planes})`;
}

interface Stem {
  readonly name: string;
  readonly kernel: readonly number[];
  /** Of the model's input. */
  readonly channels: number;
}

/** The first convolution. A model that could be folded has one input and a convolution behind it. */
function stemOf({ graph }: Model): Stem {
  const [conv] = nodesOf(graph, "Conv");
  const kernel = graph.nodes.get(conv!.inputs[1]!)!.shape as readonly number[]; // weights have no batch
  return { name: conv!.name, kernel, channels: imageInput(graph).channels };
}

const countedChannels = (count: number) => (count === 1 ? "1 channel" : `${count} channels`);
