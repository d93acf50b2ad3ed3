/**
 * Random weights under which a network of any depth stays calm: activations neither vanish nor explode, so that what two
 * ways of computing it differ by is rounding and nothing else. Keras' own initial weights are not like that: those of
 * V2 M and L let the features of a fresh network grow to 10⁸, and any rounding with them.
 *
 * Kernels keep the size of what passes (variance 2 / fan-in: He et al. 2015, section 2.2); the last convolution of a
 * residual branch is smaller, because branches add up; gates of squeeze and excitation stay mostly open.
 */
import { type Graph, nodesOf } from "../graph/graph.js";
import type { Weights } from "../graph/model.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { cutGraph } from "../passes/cut.js";
import { SeededRandom } from "../seeded-random.js";
import { type ExpectedWeight, expectedWeights } from "../weights/expected-weights.js";
import { initialize } from "../weights/initialize.js";

/** Values repeat with this period, a prime: as many draws as a variable has values would take most of the time. */
const period = 4093;

const residualProjection = /^block\d+[b-z]_project_conv$/;

/** For every weight of a network of ours; what prepares its input is ImageNet's. */
export function calmWeights(graph: Graph, seed: number): Weights {
  const preparing = [...nodesOf(graph, "Rescaling"), ...nodesOf(graph, "Normalization")].map(({ name }) => name);
  const statistics = initialize(cutGraph(graph, ...preparing), seed);
  return new Map(
    expectedWeights(graph).map((weight) => [weight.name, statistics.get(weight.name) ?? draw(weight, seed)]),
  );
}

function draw({ name, layer, shape }: ExpectedWeight, seed: number): Tensor {
  const { center, spread } = distributionOf(layer, name.slice(layer.length + 1), shape);
  const random = new SeededRandom(seed, name);
  const values = Float32Array.from({ length: Math.min(period, sizeOf(shape)) }, () => {
    return center + spread * (2 * random.next() - 1);
  });
  const data = new Float32Array(sizeOf(shape));
  for (let at = 0; at < data.length; at += period) data.set(values.subarray(0, data.length - at), at);
  return { shape, data };
}

/** Uniform in center ± spread. */
function distributionOf(layer: string, variable: string, shape: readonly number[]) {
  switch (variable) {
    case "kernel": {
      const fanIn = shape.length === 4 ? sizeOf(shape.slice(1)) : shape[0]!; // [M, C, k, k] or [inputs, units]
      return { center: 0, spread: Math.sqrt((residualProjection.test(layer) ? 0.4 : 6) / fanIn) };
    }
    case "gamma":
    case "moving_variance":
      return { center: 1, spread: 0.2 };
    case "bias":
      return { center: layer.endsWith("_se_expand") ? 1.5 : 0, spread: 0.1 };
    default:
      return { center: 0, spread: 0.1 };
  }
}
