/** L-BFGS: minimizes a smooth function of many variables from values and gradients alone. */
import { type Evaluation, type Sample, searchLine } from "./line-search.js";
import { add, combine, dot, largestMagnitude } from "./vectors.js";

export interface LbfgsOptions {
  /** Done when no element of the gradient is larger. */
  readonly tolerance: number;
  readonly maximumIterations: number;
  /** Relative error of the function's values; default 1e-15, that of float64 arithmetic. */
  readonly noise?: number;
}

export interface Minimum extends Sample {
  readonly iterations: number;
  /** The largest magnitude in the gradient. */
  readonly gradientNorm: number;
  /** "stalled": the gradient is above the tolerance, but rounding hides any further descent. */
  readonly outcome: "converged" | "out of iterations" | "stalled";
}

/** A minimization in progress: it yields a point, is given the function there, and in the end returns the minimum. */
export type Minimization = Generator<Float64Array, Minimum, Evaluation>;

export type Objective = (point: Float64Array) => Promise<Evaluation>;

/** x' − x and g' − g of one iteration, and 1 / (s·y). */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

const memory = 10;
/**
 * So many iterations without a smaller gradient or a lower value are a wander in the noise; ten occur on the way
 * down.
 */
const patience = 30;

/**
 * Minimizes from `start`. It is a generator and does not evaluate the function itself, so that one caller can
 * advance many minimizations together and answer all their points with one matrix product; see `minimizeTogether`.
 *
 * Source: Nocedal & Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5.
 */
export function* lbfgs(
  start: Float64Array,
  { tolerance, maximumIterations, noise = 1e-15 }: LbfgsOptions,
): Minimization {
  let at: Sample = { point: start, ...(yield start) };
  let [lowestValue, smallestGradient, idle] = [Infinity, Infinity, 0];
  const pairs: Pair[] = [];
  for (let iterations = 0; ; iterations++) {
    const gradientNorm = largestMagnitude(at.gradient);
    const done = { ...at, iterations, gradientNorm };
    if (gradientNorm <= tolerance) return { ...done, outcome: "converged" };
    if (iterations >= maximumIterations) return { ...done, outcome: "out of iterations" };
    const isBetter = at.value < lowestValue - noise * Math.abs(lowestValue) || gradientNorm < smallestGradient;
    idle = isBetter ? 0 : idle + 1;
    if (idle > patience) return { ...done, outcome: "stalled" };
    [lowestValue, smallestGradient] = [Math.min(lowestValue, at.value), Math.min(smallestGradient, gradientNorm)];

    const direction = descent(at.gradient, pairs);
    // Without curvature pairs the gradient's length says nothing about the distance: move by 1 at most.
    const firstStep = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(direction, direction)));
    const next = yield* searchLine(at, direction, firstStep, noise);
    if (next !== undefined) {
      remember(pairs, at, next);
      at = next;
    } else if (pairs.length === 0) {
      return { ...done, outcome: "stalled" };
    } else {
      pairs.length = 0; // Old curvature may mislead: try steepest descent once before giving up.
    }
  }
}

/** Minimizes one function. */
export async function minimize(objective: Objective, start: Float64Array, options: LbfgsOptions): Promise<Minimum> {
  const run = lbfgs(start, options);
  const [minimum] = await minimizeTogether([run], async ([point]) => [await objective(point!)]);
  return minimum!;
}

/**
 * Advances independent minimizations in lockstep, to their minima in order. `evaluate` gets the points of those
 * still running and their indices among `runs`, and answers each in order. A finished one drops out, so rounds grow
 * cheaper.
 */
export async function minimizeTogether(
  runs: readonly Minimization[],
  evaluate: (points: readonly Float64Array[], indices: readonly number[]) => Promise<readonly Evaluation[]>,
): Promise<Minimum[]> {
  const minima: Minimum[] = new Array(runs.length);
  let waiting: { index: number; point: Float64Array }[] = [];
  const take = (index: number, { done, value }: IteratorResult<Float64Array, Minimum>) => {
    if (done) minima[index] = value;
    else waiting.push({ index, point: value });
  };
  runs.forEach((run, index) => {
    take(index, run.next());
  });
  while (waiting.length > 0) {
    const asked = waiting;
    waiting = [];
    const evaluations = await evaluate(
      asked.map(({ point }) => point),
      asked.map(({ index }) => index),
    );
    asked.forEach(({ index }, i) => {
      take(index, runs[index]!.next(evaluations[i]!));
    });
  }
  return minima;
}

/**
 * −H·g, with H the inverse Hessian that the pairs imply, by the two-loop recursion (algorithm 7.4); −g without
 * pairs.
 */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const r = new Float64Array(gradient.length);
  add(r, -1, gradient);
  const alphas = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]!;
    alphas[k] = rho * dot(s, r);
    add(r, -alphas[k]!, y);
  }
  const last = pairs.at(-1);
  // H₀ = γI with γ = s·y / y·y (formula 7.20), applied as r += (γ − 1)·r.
  if (last) add(r, 1 / (last.rho * dot(last.y, last.y)) - 1, r);
  pairs.forEach(({ s, y, rho }, k) => {
    add(r, alphas[k]! - rho * dot(y, r), s);
  });
  return r;
}

function remember(pairs: Pair[], before: Sample, after: Sample): void {
  const s = combine(after.point, -1, before.point);
  const y = combine(after.gradient, -1, before.gradient);
  const product = dot(s, y);
  // Noise can break s·y > 0, which H needs to stay positive definite.
  if (!(product > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  pairs.push({ s, y, rho: 1 / product });
  if (pairs.length > memory) pairs.shift();
}
