/** Minimizes many softmax problems in lockstep. */
import { lbfgs, type Minimum, minimizeTogether } from "./lbfgs.js";
import { evaluateTogether, type LabelledFeatures, pointLength, type SoftmaxProblem } from "./softmax-objective.js";

export interface SolverOptions {
  /** Largest magnitude allowed in a gradient, in units of the mean loss by a standardised weight. */
  readonly tolerance: number;
  readonly maximumIterations: number;
  /** Memory that the problems advanced together may take; the others wait. Default 512 MiB; one always runs. */
  readonly memoryBytes?: number;
  /** Called after each round of evaluations with the mean of the latest losses, penalties included. */
  readonly onRound?: ((round: number, loss: number) => void) | undefined;
}

/**
 * Relative error of a value made of float32 products. Near the minimum for 10,000 images, values scatter by 2e-8 of
 * themselves. A line search that believes 1e-8 takes twice the evaluations, one that believes 1e-12 stalls at a
 * gradient of 6e-6.
 */
const float32Noise = 1e-7;

/**
 * The minima of `problems`, from a start each, in order. A problem that falls no further in float32's noise ends
 * "stalled", not with an error.
 */
export async function solveSoftmax(
  data: LabelledFeatures,
  problems: readonly SoftmaxProblem[],
  starts: readonly Float64Array[],
  { tolerance, maximumIterations, memoryBytes = 2 ** 29, onRound }: SolverOptions,
): Promise<Minimum[]> {
  const losses = new Map<SoftmaxProblem, number>();
  const minima: Minimum[] = [];
  let round = 0;
  const atOnce = Math.max(1, Math.floor(memoryBytes / bytesOfProblem(data)));
  for (let first = 0; first < problems.length; first += atOnce) {
    const group = problems.slice(first, first + atOnce);
    const runs = group.map((_, i) => lbfgs(starts[first + i]!, { tolerance, maximumIterations, noise: float32Noise }));
    const solved = await minimizeTogether(runs, async (points, indices) => {
      const running = indices.map((index) => group[index]!);
      const evaluations = await evaluateTogether(data, running, points);
      evaluations.forEach(({ value }, i) => {
        losses.set(running[i]!, value);
      });
      onRound?.(++round, [...losses.values()].reduce((a, b) => a + b, 0) / losses.size);
      return evaluations;
    });
    minima.push(...solved);
  }
  return minima;
}

/** Ten pairs of float64 vectors in L-BFGS, and logits and residual in float32. */
const bytesOfProblem = (data: LabelledFeatures): number =>
  10 * 2 * 8 * pointLength(data) + 2 * 4 * data.products.rows * data.classes;
