/** The head of a frozen trunk: multinomial logistic regression with an L2 penalty chosen by cross-validation. */
import { groupedStratifiedFolds } from "../../data/grouped-folds.js";
import { InputError } from "../../errors.js";
import { type ClassWeights, countImages, weightsOfClasses } from "../class-weights.js";
import { foldStandardization, type LinearHead } from "../standardization.js";
import type { FeatureProducts } from "./feature-products.js";
import type { Minimum } from "./lbfgs.js";
import { choosePenalty, type PenaltyScore } from "./penalty-search.js";
import { type LabelledFeatures, pointLength, softmaxProblem } from "./softmax-objective.js";
import { solveSoftmax } from "./solve-softmax.js";

export interface LogisticRegressionOptions {
  /** Draws the folds. */
  readonly seed: number;
  /** [rows] No group is in two of the folds that choose C; default: every image is a group of its own. */
  readonly groups?: readonly string[];
  /** Values of C to choose from; default 0.01, 0.1, 1, 10, 100. One alone is taken without cross-validation. */
  readonly candidates?: readonly number[];
  /** Default: every image counts 1. */
  readonly classWeights?: ClassWeights;
  /** Largest magnitude of the gradient to stop at; default 1e-6, see `gradientNorm`. */
  readonly tolerance?: number;
  /** Called after each round of matrix products; `loss` is the mean objective of the problems in the phase. */
  readonly onProgress?: (progress: HeadProgress) => void;
}

export interface HeadProgress {
  readonly phase: "cross-validation" | "fit";
  readonly iteration: number;
  readonly loss: number;
}

/** A head for raw, not standardised features: logits = x·kernel + bias. */
export interface FittedHead extends LinearHead {
  /** The chosen inverse strength of the penalty, as scikit-learn's C. */
  readonly C: number;
  readonly iterations: number;
  /** Largest magnitude in the gradient that was left, in units of the mean loss by a standardised weight. */
  readonly gradientNorm: number;
  /** "converged" below the tolerance; else the best that was reached. */
  readonly outcome: Minimum["outcome"];
  /** Held-out score of each candidate; empty if C was not chosen by cross-validation. */
  readonly crossValidation: readonly PenaltyScore[];
}

const mostFolds = 3;
/** scikit-learn's default, where a class is too small to hold images out. */
const fallbackC = 1;
const decades: readonly number[] = [0.01, 0.1, 1, 10, 100];
const maximumIterations = 1000;

/**
 * Minimises (1/n) · Σ_i w_i·CE(softmax(x_i·W + b), y_i) + 1/(2·C·n) · ‖W‖², x standardised, b not penalised:
 * scikit-learn's `LogisticRegression` behind a `StandardScaler`, divided by C·n. The optimum is unique, so start and
 * path do not matter.
 *
 * C: the best of 3 stratified folds. A class with two images, or two groups in all, makes it two folds; a class with a
 * single image, or one group, fixes C = 1.
 * The same products, labels, options and runtime give the same bytes.
 *
 * Throws `InputError` for labels that do not fit the features or the classes, fewer than two classes with images,
 * candidates or weights that are not positive.
 */
export async function fitLogisticRegression(
  products: FeatureProducts,
  labels: readonly number[],
  classes: number,
  options: LogisticRegressionOptions,
): Promise<FittedHead> {
  const { candidates = decades, seed, classWeights, tolerance = 1e-6, onProgress } = options;
  const groups = options.groups ?? labels.map((_, row) => String(row));
  const counts = countImages(products.rows, labels, classes);
  const weightOf = weightsOfClasses(counts, classWeights);
  checkPositive("candidates for C", candidates);
  const data: LabelledFeatures = { products, labels, classes };
  const sampleWeights = Float64Array.from(labels, (label) => weightOf[label]!);
  const report = (phase: HeadProgress["phase"]) => (iteration: number, loss: number) =>
    onProgress?.({ phase, iteration, loss });

  const folds = Math.min(mostFolds, new Set(groups).size, ...counts.filter((count) => count > 0));
  const fixed = candidates.length === 1 ? candidates[0]! : fallbackC;
  const { C, scores, start } =
    candidates.length > 1 && folds > 1
      ? await choosePenalty(data, {
          candidates,
          foldOf: groupedStratifiedFolds(labels, groups, folds, seed),
          sampleWeights,
          onRound: report("cross-validation"),
        })
      : { C: fixed, scores: [], start: new Float64Array(pointLength(data)) };
  const solver = { tolerance, maximumIterations, onRound: report("fit") };
  const [minimum] = await solveSoftmax(data, [softmaxProblem(sampleWeights, C)], [start], solver);
  const { point, iterations, gradientNorm, outcome } = minimum!;
  const [kernel, bias] = [point.subarray(0, -classes), point.subarray(-classes)];
  const head = foldStandardization(kernel, bias, products.standardization);
  return { ...head, C, iterations, gradientNorm, outcome, crossValidation: scores };
}

function checkPositive(subject: string, values: readonly number[]): void {
  const wrong = values.find((value) => !(value > 0 && value < Infinity));
  if (values.length === 0 || wrong !== undefined) {
    throw new InputError(`head: expected ${subject} above 0, got ${wrong ?? "none"}`);
  }
}
