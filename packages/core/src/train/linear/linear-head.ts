/** The head that logistic regression fits, as a model. */
import { GraphError } from "../../errors.js";
import { bind, type Model } from "../../graph/model.js";
import { showShape } from "../../graph/tensor.js";
import { buildHead, headOutput } from "../layers/build-head.js";

/**
 * `features` [N, D] → `predictions` [N, K] = softmax(features · kernel [D, K] + bias [K]); D is `featureCount`, K `classes`.
 * Throws `GraphError` for values that are not so many.
 */
export function linearHead(kernel: Float32Array, bias: Float32Array, featureCount: number, classes: number): Model {
  if (kernel.length !== featureCount * classes || bias.length !== classes) {
    const expected = `${showShape([featureCount, classes])} and ${showShape([classes])}`;
    throw new GraphError(`linear head: expected ${expected}, got ${kernel.length} and ${bias.length} values`);
  }
  const weights = new Map([
    [`${headOutput}/kernel`, { shape: [featureCount, classes], data: kernel }],
    [`${headOutput}/bias`, { shape: [classes], data: bias }],
  ]);
  return bind(buildHead([], featureCount, classes), weights);
}
