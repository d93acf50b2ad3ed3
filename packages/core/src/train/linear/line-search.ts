/** Finds a step along a direction of descent that lowers a function enough and leaves little of its slope. */
import { combine, dot } from "./vectors.js";

/** A function at one point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** An evaluation that knows its point. */
export interface Sample extends Evaluation {
  readonly point: Float64Array;
}

/** φ(step) = f(from + step·direction) and its derivative. */
interface Trial extends Sample {
  readonly step: number;
  readonly slope: number;
}

interface Line {
  readonly from: Trial;
  readonly direction: Float64Array;
  /** Differences of values below this mean nothing. */
  readonly noise: number;
}

// Nocedal & Wright's c₁ and c₂ for quasi-Newton directions (§3.1).
const decrease = 1e-4;
const curvature = 0.9;
const maximumExpansions = 12;
const maximumRefinements = 12;

/**
 * Yields points to evaluate and returns one that meets the strong Wolfe conditions; or the lowest one found that
 * decreases enough; undefined if there is none, which means that rounding hides the descent.
 *
 * `noise` is the relative error of f's values. Where two values differ by less, their slopes decide instead (the
 * "approximate Wolfe conditions"): near the minimum, slopes keep their digits when values have lost theirs.
 *
 * Source: Nocedal & Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6, formula 3.59;
 * Hager & Zhang 2005, https://doi.org/10.1137/030601880, section on the line search.
 */
export function* searchLine(
  from: Sample,
  direction: Float64Array,
  firstStep: number,
  noise: number,
): Generator<Float64Array, Sample | undefined, Evaluation> {
  const start = { ...from, step: 0, slope: dot(from.gradient, direction) };
  // Not a descent, or not a number: nothing to search.
  if (!(start.slope < 0)) return undefined;
  const line = { from: start, direction, noise: noise * Math.abs(from.value) };
  let previous: Trial = start;
  let step = firstStep;
  for (let i = 0; i < maximumExpansions; i++) {
    const trial = yield* probe(line, step);
    if (!decreasesEnough(line, trial) || isHigher(line, trial, previous)) return yield* zoom(line, previous, trial);
    if (isFlat(line, trial)) return trial;
    if (trial.slope >= 0) return yield* zoom(line, trial, previous);
    step = between(interpolate(line, previous, trial), 2 * trial.step, 10 * trial.step);
    previous = trial;
  }
  return previous;
}

/** `low` is the lowest trial so far that decreases enough; a good step lies between it and `high`. */
function* zoom(line: Line, low: Trial, high: Trial): Generator<Float64Array, Sample | undefined, Evaluation> {
  for (let i = 0; i < maximumRefinements; i++) {
    const [near, far] = [low.step + 0.1 * (high.step - low.step), low.step + 0.9 * (high.step - low.step)];
    const trial = yield* probe(line, between(interpolate(line, low, high), Math.min(near, far), Math.max(near, far)));
    if (!decreasesEnough(line, trial) || isHigher(line, trial, low)) high = trial;
    else {
      if (isFlat(line, trial)) return trial;
      if (trial.slope * (high.step - low.step) >= 0) high = low;
      low = trial;
    }
  }
  return low.step > 0 ? low : undefined;
}

function* probe({ from, direction }: Line, step: number): Generator<Float64Array, Trial, Evaluation> {
  const point = combine(from.point, step, direction);
  const { value, gradient } = yield point;
  return { point, value, gradient, step, slope: dot(gradient, direction) };
}

/** Written so that a value that is not a number has not decreased. */
const decreasesEnough = ({ from, noise }: Line, { step, value, slope }: Trial): boolean =>
  value <= from.value + decrease * step * from.slope ||
  (value <= from.value + noise && slope <= (2 * decrease - 1) * from.slope);

const isHigher = ({ noise }: Line, trial: Trial, other: Trial): boolean => trial.value > other.value + noise;

const isFlat = ({ from }: Line, { slope }: Trial): boolean => Math.abs(slope) <= -curvature * from.slope;

/**
 * The step where the cubic through both values and slopes is lowest, or, where noise covers the values, where the
 * line through the slopes is 0; not a number if there is none.
 */
function interpolate({ noise }: Line, a: Trial, b: Trial): number {
  if (Math.abs(a.value - b.value) <= noise) return b.step - (b.slope * (b.step - a.step)) / (b.slope - a.slope);
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}

/** `step` held within the bounds, or their middle if it is not a number. */
const between = (step: number, least: number, most: number): number =>
  Number.isNaN(step) ? (least + most) / 2 : Math.min(Math.max(step, least), most);
