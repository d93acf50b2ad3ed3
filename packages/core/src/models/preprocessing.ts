/**
 * How a network prepares its input, as layers of the network itself: it reads gray levels or RGB, 0–255.
 *
 *   imagenet        B0–B7 (`keras.applications.efficientnet`): Rescaling 1/255, Normalization with the weights mean and
 *                   variance, and, with ImageNet weights, a Rescaling by 1/√std, because what is stored as the variance
 *                   is the standard deviation
 *   symmetric-127   Lite0–4: (x − 127) / 128; nothing here broadcasts one channel to three
 */
import type { GraphBuilder } from "../graph/graph.js";
import { normalization, single } from "./layers.js";

export type Preprocessing = "imagenet" | "symmetric-127";

/** Standard deviations of ImageNet's channels, values 0–1. Source: `IMAGENET_STDDEV_RGB` in keras.applications.efficientnet. */
const imagenetStd = [0.229, 0.224, 0.225];

/** Adds the layers and returns the last one's name. `topology` "none" leaves out what belongs to ImageNet weights. */
export function preprocess(
  net: GraphBuilder,
  x: string,
  preprocessing: Preprocessing,
  topology: "imagenet" | "none",
): string {
  return rules[preprocessing](net, x, topology);
}

const rules: Record<Preprocessing, (net: GraphBuilder, x: string, topology: "imagenet" | "none") => string> = {
  imagenet(net, input, topology) {
    let x = rescaling(net, input, "rescaling", [1 / 255], [0]);
    x = normalization(net, x, "normalization", 3);
    if (topology === "none") return x;
    return rescaling(
      net,
      x,
      "rescaling_1",
      imagenetStd.map((std) => 1 / Math.sqrt(std)),
      [0],
    );
  },
  "symmetric-127": (net, input) => rescaling(net, input, "rescaling", [1 / 128], [-127 / 128]),
};

const rescaling = (net: GraphBuilder, x: string, name: string, scale: readonly number[], offset: readonly number[]) =>
  single(net, "Rescaling", "Rescaling", name, [x], { scale, offset });
