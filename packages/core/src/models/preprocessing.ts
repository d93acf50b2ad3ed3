/**
 * How a network prepares its input, as layers of the network itself: it reads gray levels or RGB, 0–255.
 *
 *   imagenet             B0–B7 (`keras.applications.efficientnet`): Rescaling 1/255, Normalization with the weights mean
 *                        and variance, and, with ImageNet weights, a Rescaling by 1/√std, because what is stored as the
 *                        variance is the standard deviation
 *   imagenet-constants   V2 B0–B3, and most of timm's and torchvision's networks: Rescaling 1/255, Normalization with
 *                        ImageNet's mean and variance as constants
 *   symmetric-127        Lite0–4: (x − 127) / 128; nothing in these three broadcasts one channel to three
 *   symmetric-127.5      timm's tf_ Lite and V2 S, M, L, torchvision's V2 L: (x − 127.5) / 127.5
 *   symmetric-128        V2 S, M, L in Keras, and V2 B0–B3 declared with another number of channels than three: x / 128 − 1
 */
import { GraphError } from "../errors.js";
import type { GraphBuilder } from "../graph/graph.js";
import { constantNormalization, normalization, single } from "./layers.js";

export type Preprocessing = "imagenet" | "imagenet-constants" | "symmetric-127" | "symmetric-127.5" | "symmetric-128";

export interface PreprocessingInput {
  /** Of the declared input. */
  readonly channels: number;
  /** "none" leaves out what belongs to ImageNet weights. */
  readonly topology: "imagenet" | "none";
}

type Rule = (net: GraphBuilder, x: string, input: PreprocessingInput) => string;

/** ImageNet's channels, values 0–1. Source: `IMAGENET_STDDEV_RGB` in keras.applications.efficientnet; the mean from efficientnet_v2. */
export const imagenetStd = [0.229, 0.224, 0.225];
export const imagenetMean = [0.485, 0.456, 0.406];

/** Adds the layers and returns the last one's name. Throws `GraphError` where the channels do not fit. */
export const preprocess = (net: GraphBuilder, x: string, preprocessing: Preprocessing, input: PreprocessingInput) =>
  rules[preprocessing](net, x, input);

const rules: { readonly [P in Preprocessing]: Rule } = {
  imagenet(net, input, { channels, topology }) {
    let x = rescaling(net, input, "rescaling", [1 / 255], [0]);
    x = normalization(net, x, "normalization", channels);
    if (topology === "none") return x;
    return rescaling(
      net,
      x,
      "rescaling_1",
      imagenetStd.map((std) => 1 / Math.sqrt(std)),
      [0],
    );
  },
  "imagenet-constants": (net, input, { channels }) => {
    if (channels !== 3) throw new GraphError(`normalization: has the means of 3 channels, got ${channels}`);
    const x = rescaling(net, input, "rescaling", [1 / 255], [0]);
    const variance = imagenetStd.map((std) => std ** 2);
    return constantNormalization(net, x, "normalization", imagenetMean, variance);
  },
  "symmetric-127": (net, input) => rescaling(net, input, "rescaling", [1 / 128], [-127 / 128]),
  "symmetric-127.5": (net, input) => rescaling(net, input, "rescaling", [1 / 127.5], [-1]),
  "symmetric-128": (net, input) => rescaling(net, input, "rescaling", [1 / 128], [-1]),
};

const rescaling = (net: GraphBuilder, x: string, name: string, scale: readonly number[], offset: readonly number[]) =>
  single(net, "Rescaling", "Rescaling", name, [x], { scale, offset });
