/**
 * The objective of multinomial logistic regression, for many problems at once: they share the images, and differ in
 * which rows count and how strong the penalty is. Their kernels stand side by side in one matrix, so a round costs
 * two products.
 */
import type { FeatureProducts } from "./feature-products.js";
import type { Evaluation } from "./line-search.js";

/** Images with their classes; `labels` has one of 0 … classes − 1 for each row of the products. */
export interface LabelledFeatures {
  readonly products: FeatureProducts;
  readonly labels: readonly number[];
  readonly classes: number;
}

/** Minimise Σ_i rowWeights[i] · CE(softmax(x_i·W + b), y_i) + penalty/2 · ‖W‖². */
export interface SoftmaxProblem {
  /** [rows]; 0 keeps a row out. */
  readonly rowWeights: Float64Array;
  readonly penalty: number;
}

/**
 * scikit-learn's objective C · Σ w·CE + ½·‖W‖², divided by C·n for n the rows that count: the scale of a mean loss,
 * whatever C and n. `sampleWeights` [rows], 0 to keep a row out.
 */
export function softmaxProblem(sampleWeights: Float64Array, C: number): SoftmaxProblem {
  const n = sampleWeights.filter((weight) => weight !== 0).length;
  return { rowWeights: sampleWeights.map((weight) => weight / n), penalty: 1 / (C * n) };
}

/** What a head says about the rows it is judged by, as weighted means. */
export interface Score {
  readonly accuracy: number; // 0–1
  readonly logLoss: number; // nats
}

/** Length of a point: the kernel W [columns, classes] row major, then the bias b [classes]. */
export const pointLength = ({ products, classes }: LabelledFeatures): number => (products.columns + 1) * classes;

/**
 * Value and gradient of every problem at its point. Softmax, loss, penalty and bias are float64; the products are
 * float32, which limits a value to about 7 digits and an element of the gradient to about 1e-7 of the mean
 * |x·residual|.
 */
export async function evaluateTogether(
  data: LabelledFeatures,
  problems: readonly SoftmaxProblem[],
  points: readonly Float64Array[],
): Promise<Evaluation[]> {
  const { products, classes } = data;
  const m = problems.length * classes;
  const logits = await products.forward(packKernels(data, points), m);
  const residual = new Float32Array(logits.length);
  const fits = problems.map(({ rowWeights }, p) => {
    const bias = points[p]!.subarray(-classes);
    return fit(data, rowWeights, bias, { logits, residual, m, first: p * classes });
  });
  const kernelGradients = await products.backward(residual, m);
  return problems.map(({ penalty }, p) => {
    const [point, gradient] = [points[p]!, new Float64Array(points[p]!.length)];
    let squares = 0;
    for (let j = 0, at = 0; j < products.columns; j++) {
      for (let k = 0; k < classes; k++, at++) {
        squares += point[at]! ** 2;
        gradient[at] = kernelGradients[j * m + p * classes + k]! + penalty * point[at]!;
      }
    }
    gradient.set(fits[p]!.biasGradient, products.columns * classes);
    return { value: fits[p]!.loss + (penalty / 2) * squares, gradient };
  });
}

/** The score of each point on the rows that its weights [rows] keep; all weights 0 give NaN. */
export async function scoreTogether(
  data: LabelledFeatures,
  points: readonly Float64Array[],
  rowWeights: readonly Float64Array[],
): Promise<Score[]> {
  const m = points.length * data.classes;
  const logits = await data.products.forward(packKernels(data, points), m);
  const residual = new Float32Array(logits.length); // Written, not read.
  return points.map((point, p) => {
    const bias = point.subarray(-data.classes);
    const { loss, correct } = fit(data, rowWeights[p]!, bias, { logits, residual, m, first: p * data.classes });
    const total = rowWeights[p]!.reduce((a, b) => a + b, 0);
    return { accuracy: correct / total, logLoss: loss / total };
  });
}

/** One problem's columns in matrices [rows, m]. */
interface Columns {
  readonly logits: Float32Array;
  readonly residual: Float32Array;
  readonly m: number;
  readonly first: number;
}

/**
 * Σ w·CE and Σ w·[most probable = true] of one problem's columns, and its bias gradient. Writes its residual, the
 * gradient by the logits: w·(p − [true class]).
 */
function fit(
  { labels, classes }: LabelledFeatures,
  rowWeights: Float64Array,
  bias: Float64Array,
  { logits, residual, m, first }: Columns,
): { loss: number; correct: number; biasGradient: Float64Array } {
  const [z, biasGradient] = [new Float64Array(classes), new Float64Array(classes)];
  let [loss, correct] = [0, 0];
  for (let i = 0; i < rowWeights.length; i++) {
    const weight = rowWeights[i]!;
    if (weight === 0) continue;
    const [at, label] = [i * m + first, labels[i]!];
    let best = 0;
    for (let k = 0; k < classes; k++) {
      z[k] = logits[at + k]! + bias[k]!;
      if (z[k]! > z[best]!) best = k;
    }
    const [largest, ofLabel] = [z[best]!, z[label]!];
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += z[k] = Math.exp(z[k]! - largest);
    loss += weight * (Math.log(sum) + largest - ofLabel);
    if (best === label) correct += weight;
    for (let k = 0; k < classes; k++) {
      const slope = weight * (z[k]! / sum - (k === label ? 1 : 0));
      residual[at + k] = slope;
      biasGradient[k]! += slope;
    }
  }
  return { loss, correct, biasGradient };
}

/** W of all problems side by side, [columns, problems · classes]. */
function packKernels({ products, classes }: LabelledFeatures, points: readonly Float64Array[]): Float32Array {
  const m = points.length * classes;
  const weights = new Float32Array(products.columns * m);
  points.forEach((point, p) => {
    for (let j = 0; j < products.columns; j++) {
      for (let k = 0; k < classes; k++) weights[j * m + p * classes + k] = point[j * classes + k]!;
    }
  });
  return weights;
}
