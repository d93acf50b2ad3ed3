/** Calibration by one number: logits divided by a temperature, so that probabilities mean what they say. */
import { InputError } from "../errors.js";
import { float32Epsilon } from "./judged-images.js";

/** Temperatures that are tried: 1/10 … 10. */
const largest = Math.log(10);
const scanned = 40; // the loss bends slowly in ln T: steps of 12 % find its valley
const refinements = 36; // golden section: 3e-8 of a step
const golden = (Math.sqrt(5) - 1) / 2;

/** Standard deviation of ln T before anything was seen: a few images that are all right do not make it certain. */
const priorDeviation = 0.5;

const smallestProbability = 2 ** -126; // float32's smallest normal number: of a logarithm that is finite

export interface TemperatureOptions {
  /** Rows of each image, whose probabilities are averaged; default 1. */
  readonly tiles?: readonly number[] | undefined;
  /** Standard deviation of ln T in the prior; Infinity: none. Default 0.5. */
  readonly prior?: number | undefined;
}

/**
 * The temperature T for which softmax(logits / T) costs the least: Σ −ln p of the true class `labels` [n] + (ln T / prior)² / 2.
 * `probabilities` [rows, classes] come from T = 1. Above 1 the classifier was too sure of itself.
 * A probability below 2⁻²³ costs what 2⁻²³ does, as in the log loss that is reported: else a few images that are wrong for certain would decide.
 * Throws `InputError` without images.
 * Source: Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599, section 4.2; the prior is ours.
 */
export function fitTemperature(
  labels: readonly number[],
  probabilities: Float32Array,
  classes: number,
  { tiles, prior = priorDeviation }: TemperatureOptions = {},
): number {
  if (labels.length === 0) throw new InputError("temperature: no images to fit it on, expected at least one");
  const logs = Float64Array.from(probabilities, (p) => Math.log(Math.max(p, smallestProbability)));
  const cost = (lnT: number) =>
    lossAt(Math.exp(lnT), labels, logs, classes, tiles) +
    (prior === Number.POSITIVE_INFINITY ? 0 : (lnT / prior) ** 2 / 2);
  const step = (2 * largest) / scanned;
  let best = 0;
  let least = cost(0);
  for (let i = 0; i <= scanned; i++) {
    const own = cost(-largest + i * step);
    if (own < least) [best, least] = [-largest + i * step, own];
  }
  return Math.exp(refine(cost, best - step, best + step));
}

/** Σ −ln p of the true classes at a temperature. */
function lossAt(
  temperature: number,
  labels: readonly number[],
  logs: Float64Array,
  classes: number,
  tiles: readonly number[] | undefined,
): number {
  let [loss, row] = [0, 0];
  for (const [image, label] of labels.entries()) {
    const rows = tiles?.[image] ?? 1;
    let ofLabel = 0;
    for (let tile = 0; tile < rows; tile++, row++)
      ofLabel += softmaxAt(logs, row * classes, classes, label, temperature);
    loss -= Math.log(Math.max(ofLabel / rows, float32Epsilon));
  }
  return loss;
}

/** One entry of softmax(logs / temperature) of a row. */
function softmaxAt(logs: Float64Array, start: number, classes: number, label: number, temperature: number): number {
  const own = logs[start + label]!;
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp((logs[start + k]! - own) / temperature);
  return 1 / sum;
}

/** Golden section between two places around a minimum. */
function refine(cost: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < refinements; i++) {
    const [left, right] = [b - golden * (b - a), a + golden * (b - a)];
    if (cost(left) <= cost(right)) b = right;
    else a = left;
  }
  return (a + b) / 2;
}

/**
 * `probabilities` [rows, classes] as another temperature gives them: softmax(ln p · factor), in place of softmax of the logits
 * times `factor`. Exact up to float32 rounding.
 */
export function sharpen(probabilities: Float32Array, classes: number, factor: number): Float32Array {
  const sharpened = new Float32Array(probabilities.length);
  for (let start = 0; start < probabilities.length; start += classes) {
    const logs = Float64Array.from(probabilities.subarray(start, start + classes), (p) =>
      Math.log(Math.max(p, smallestProbability)),
    );
    for (let k = 0; k < classes; k++) sharpened[start + k] = softmaxAt(logs, 0, classes, k, 1 / factor);
  }
  return sharpened;
}
