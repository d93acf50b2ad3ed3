/** Chooses the strength of the L2 penalty by cross-validation, all candidates and folds at once. */
import { type LabelledFeatures, pointLength, type Score, scoreTogether, softmaxProblem } from "./softmax-objective.js";
import { solveSoftmax } from "./solve-softmax.js";
import { add } from "./vectors.js";

export interface PenaltyScore extends Score {
  /** Inverse strength of the penalty, as scikit-learn's C. */
  readonly C: number;
}

export interface PenaltyChoice {
  readonly C: number;
  /** One per candidate, in their order. */
  readonly scores: readonly PenaltyScore[];
  /** Mean of the heads that the folds found for C: a start near the optimum on all rows. */
  readonly start: Float64Array;
}

export interface PenaltySearch {
  readonly candidates: readonly number[];
  /** [rows], the fold of each. */
  readonly foldOf: readonly number[];
  /**
   * [rows], w_i of the objective; a score is weighted with them too, so that "balanced" weights choose by balanced
   * accuracy.
   */
  readonly sampleWeights: Float64Array;
  readonly onRound?: ((round: number, loss: number) => void) | undefined;
}

/**
 * Loose, since only the order of the candidates counts. Measured on the pooled features of neu-cls, aksara-jawa and
 * 10,000 mixtures of the latter: against 1e-6, the chosen candidate was at most 0.0006 less accurate than the best,
 * in less than a third of the evaluations; 1e-3 chose one that was 0.0064 worse.
 */
const tolerance = 1e-4;
const maximumIterations = 200;

/**
 * Picks the candidate with the best accuracy on rows held out, each row once; of equals the one with the lower log
 * loss, then the smaller. The features were standardised over all rows, the held-out ones too: that uses no label.
 */
export async function choosePenalty(data: LabelledFeatures, search: PenaltySearch): Promise<PenaltyChoice> {
  const { candidates, foldOf, sampleWeights, onRound } = search;
  const folds = Array.from({ length: foldOf.reduce((a, b) => Math.max(a, b)) + 1 }, (_, fold) => fold);
  const training = folds.map((fold) => weightsWhere(sampleWeights, (i) => foldOf[i] !== fold));
  const heldOut = folds.map((fold) => weightsWhere(sampleWeights, (i) => foldOf[i] === fold));
  const problems = candidates.flatMap((C) => training.map((weights) => softmaxProblem(weights, C)));
  const starts = problems.map(() => new Float64Array(pointLength(data)));
  const minima = await solveSoftmax(data, problems, starts, { tolerance, maximumIterations, onRound });
  const byProblem = await scoreTogether(
    data,
    minima.map(({ point }) => point),
    problems.map((_, p) => heldOut[p % folds.length]!),
  );
  const scores = candidates.map((C, c) => ({
    C,
    ...meanScore(byProblem.slice(c * folds.length, (c + 1) * folds.length), heldOut),
  }));
  const best = scores.reduce((a, b) => (isBetter(b, a) ? b : a));
  const start = new Float64Array(pointLength(data));
  const first = scores.indexOf(best) * folds.length;
  for (const fold of folds) add(start, 1 / folds.length, minima[first + fold]!.point);
  return { C: best.C, scores, start };
}

const weightsWhere = (sampleWeights: Float64Array, keeps: (row: number) => boolean): Float64Array =>
  sampleWeights.map((weight, i) => (keeps(i) ? weight : 0));

/** The score over all rows from those of the folds, which are means over their own rows. */
function meanScore(scores: readonly Score[], heldOut: readonly Float64Array[]): Score {
  const totals = heldOut.map((weights) => weights.reduce((a, b) => a + b, 0));
  const total = totals.reduce((a, b) => a + b, 0);
  const mean = (of: (score: Score) => number) =>
    scores.reduce((sum, score, fold) => sum + of(score) * totals[fold]!, 0) / total;
  return { accuracy: mean((score) => score.accuracy), logLoss: mean((score) => score.logLoss) };
}

function isBetter(a: PenaltyScore, b: PenaltyScore): boolean {
  if (a.accuracy !== b.accuracy) return a.accuracy > b.accuracy;
  if (a.logLoss !== b.logLoss) return a.logLoss < b.logLoss;
  return a.C < b.C;
}
