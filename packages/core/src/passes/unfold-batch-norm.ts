/**
 * Takes trained convolutions apart again into kernel and BatchNormalization: the inverse of `foldBatchNorm`, so that
 * weights go back into the layers they came from, by name.
 *
 *   kernel = folded kernel / s,   β = folded bias − s·(b − μ),   s = γ/√(σ² + ε)
 *
 * γ, μ and σ² stay. A pair that training did not touch keeps its numbers, bit for bit. A filter that γ = 0 had switched
 * off and that training switched on gets γ = √(σ² + ε), s = 1. Else exact up to float32 rounding; computed in float64.
 */
import { bind, type Model, type Weights, weightOf } from "../graph/model.js";
import { copyTensor, isSameTensor, type Tensor } from "../graph/tensor.js";
import { filterScales, foldConv, foldedBias, type NormalizedConv, normalizedConvs } from "./fold-batch-norm.js";

/**
 * The model `before`, of which `trained` was folded, with what `trained` has learned. Weights that both name are taken as
 * they are. Throws `GraphError` where `trained` lacks a weight or has it in another shape.
 */
export function unfoldBatchNorm(trained: Model, before: Model): Model {
  const weights = new Map([...before.weights].map(([name, tensor]) => [name, trained.weights.get(name) ?? tensor]));
  for (const pair of normalizedConvs(before.graph)) {
    if (!trained.weights.has(foldedBias(pair))) continue; // was not folded
    for (const [name, tensor] of unfoldConv(trained, before, pair)) weights.set(name, tensor);
  }
  return bind(before.graph, weights);
}

type Values = Tensor["data"];

/** All weights of a pair, by name. */
function unfoldConv(trained: Model, before: Model, pair: NormalizedConv): Weights {
  const { conv, norm } = pair;
  const names = [...conv.inputs.slice(1), ...norm.inputs.slice(1)];
  const original = new Map(names.map((name) => [name, weightOf(before, name)]));
  const folded = foldConv(before, pair);
  if ([...folded].every(([name, tensor]) => isSameTensor(weightOf(trained, name), tensor))) return original;

  const [kernelName, biasName] = conv.inputs.slice(1) as [string, string?];
  const [gammaName, betaName, meanName, varianceName] = norm.inputs.slice(1) as [string, string, string, string];
  const [gamma, beta, kernel] = [gammaName, betaName, kernelName].map((name) => copyTensor(original.get(name)!));
  const [mean, variance] = [meanName, varianceName].map((name) => original.get(name)!.data) as [Values, Values];
  const bias = biasName === undefined ? undefined : original.get(biasName)!.data;
  const [foldedKernel, foldedBiases] = [...folded].map(([name]) => weightOf(trained, name).data);
  const perFilter = kernel!.data.length / mean.length;
  for (const [m, scale] of filterScales(before, pair).entries()) {
    const filter = foldedKernel!.subarray(m * perFilter, (m + 1) * perFilter);
    const isRevived = scale === 0 && filter.some((value) => value !== 0);
    const s = isRevived ? 1 : scale;
    if (isRevived) gamma!.data[m] = Math.sqrt(variance[m]! + norm.attrs.epsilon);
    if (s !== 0) for (const [i, value] of filter.entries()) kernel!.data[m * perFilter + i] = value / s;
    beta!.data[m] = foldedBiases![m]! - s * ((bias?.[m] ?? 0) - mean[m]!);
  }
  return new Map([...original, [gammaName, gamma!], [betaName, beta!], [kernelName, kernel!]]);
}
