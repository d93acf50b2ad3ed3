/**
 * What becomes of a network that is declared for another number of channels than its weights were made for: other
 * preprocessing, and variables of other shapes, which Keras does not load.
 */
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { type ExpectedWeight, expectedWeights } from "../weights/expected-weights.js";
import { toKerasShape } from "../weights/layout.js";

/** A variable that does not fit. Shapes are Keras': kernels (h, w, in, out). */
export interface MisfitVariable {
  /** `layer/variable` in Keras' names. */
  readonly name: string;
  readonly declaredShape: readonly number[];
  /** In the weights for three channels. */
  readonly weightsShape: readonly number[];
}

/**
 * The variables of a network declared for `channels` that weights for three channels do not fit, in the order in which
 * Keras meets them. Keras builds B0–B7 for other channels without ImageNet's last rescaling; it holds no weights.
 */
export function misfitVariables(name: ModelName, channels: number): MisfitVariable[] {
  const declared = expectedWeights(efficientNet(name, { channels, topology: "none" }));
  const official = new Map(expectedWeights(efficientNet(name)).map((weight) => [weight.name, shapeInKeras(weight)]));
  return declared.flatMap((weight) => {
    const [declaredShape, weightsShape] = [shapeInKeras(weight), official.get(weight.name)!]; // the same layers
    const fits = declaredShape.join() === weightsShape.join();
    return fits ? [] : [{ name: weight.name, declaredShape, weightsShape }];
  });
}

const shapeInKeras = ({ layer, name, className, shape }: ExpectedWeight) =>
  toKerasShape(className, name.slice(layer.length + 1), shape);
