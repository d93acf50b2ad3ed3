/**
 * Random weights as `keras.applications.efficientnet` draws them with `weights=None`; nothing is transferred.
 * Source: CONV_KERNEL_INITIALIZER and DENSE_KERNEL_INITIALIZER there (Keras 3).
 */

import { GraphError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import type { Weights } from "../graph/model.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { imagenetMean, imagenetStd } from "../models/preprocessing.js";
import { SeededRandom } from "../seeded-random.js";
import { type ExpectedWeight, expectedWeights } from "./expected-weights.js";
import { variableOfWeight } from "./weight-name.js";

/**
 * ImageNet's channels, where the graph has the rescaling that belongs to them (topology "imagenet"); what is stored as the
 * variance there is the standard deviation. Source: as above.
 */
const imagenetStatistics: Readonly<Record<string, readonly number[]>> = {
  "normalization/mean": imagenetMean,
  "normalization/variance": imagenetStd,
  "normalization/count": [0],
};

/** One value or random values for each weight of `graph`; the same seed gives the same weights, whatever the order of layers. */
export function initialize(graph: Graph, seed: number): Weights {
  const known = graph.nodes.has("rescaling_1") ? imagenetStatistics : {};
  return new Map(
    expectedWeights(graph).map((weight) => {
      const { name, shape } = weight;
      const values = known[name];
      return [name, values ? { shape, data: Float32Array.from(values) } : draw(weight, seed)];
    }),
  );
}

function draw({ name, className, shape }: ExpectedWeight, seed: number): Tensor {
  const random = new SeededRandom(seed, name);
  const rule = rules[variableOfWeight(name)];
  if (!rule) throw new GraphError(`${name}: no rule to draw random values for this variable`);
  const next = rule(random, className, shape);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}

type Rule = (random: SeededRandom, className: string, shape: readonly number[]) => () => number;

const rules: Readonly<Record<string, Rule>> = {
  kernel: (random, className, shape) =>
    className === "Dense" ? uniform(random, shape) : truncatedNormal(random, className, shape),
  bias: () => () => 0,
  gamma: () => () => 1,
  beta: () => () => 0,
  moving_mean: () => () => 0,
  moving_variance: () => () => 1,
  // A Normalization that nobody adapted.
  mean: () => () => 0,
  variance: () => () => 1,
  count: () => () => 0,
};

/** VarianceScaling(1/3, fan out, uniform) of a dense kernel [inputs, units]: within ±√(1 / units). */
function uniform(random: SeededRandom, shape: readonly number[]): () => number {
  const limit = Math.sqrt(1 / shape[1]!);
  return () => (2 * random.next() - 1) * limit;
}

/** VarianceScaling(2, fan out) of a convolution [M, C/group, k, k], cut at two deviations. */
function truncatedNormal(random: SeededRandom, className: string, shape: readonly number[]): () => number {
  // Keras takes a depthwise kernel (k, k, C, 1) for one of k·k·1 outgoing values; 0.8796…: the deviation that cutting leaves.
  const fanOut = (className === "DepthwiseConv2D" ? 1 : shape[0]!) * shape[2]! * shape[3]!;
  const deviation = Math.sqrt(2 / fanOut) / 0.87962566103423978;
  return () => {
    for (;;) {
      const value = random.normal();
      if (Math.abs(value) <= 2) return value * deviation;
    }
  };
}
