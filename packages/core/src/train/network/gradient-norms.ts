/** Norms of gradients, and limits by them. Source of the meaning: Keras 3.15, `keras/src/optimizers/base_optimizer.py`. */
import { noLimit, type UpdateStep } from "../layers/optimizer-rules.js";

/** Absent: no limit. */
export interface GradientLimits {
  /** Of the norm of all gradients together: above it all are scaled down to it. */
  readonly globalNorm?: number | undefined;
  /** Of each value, after that. */
  readonly value?: number | undefined;
}

/** Lengths of gradients. */
export interface GradientNorms {
  /** √Σ g² over all variables, before anything is limited. */
  readonly global: number;
  /** The variable with the largest norm of its own: where a training that diverges began to. */
  readonly largest: string;
}

/** From Σ g² of each variable. */
export function gradientNorms(names: readonly string[], squares: readonly number[]): GradientNorms {
  let [sum, most, largest] = [0, -1, ""];
  for (const [i, own] of squares.entries()) {
    sum += own;
    if (!(own <= most)) [most, largest] = [own, names[i]!]; // a NaN stays the largest
    if (Number.isNaN(own)) most = Infinity;
  }
  return { global: Math.sqrt(sum), largest };
}

/** What the limits do to gradients of a norm. */
export function limitBy({ globalNorm = Infinity, value }: GradientLimits, global: number): UpdateStep["limit"] {
  return {
    factor: global > globalNorm ? globalNorm / global : noLimit.factor,
    most: value ?? noLimit.most,
  };
}

/** Σ (g · factor)². */
export function squareSum(gradient: Float32Array, factors: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) {
    const own = gradient[i]! * factors[i]!;
    sum += own * own;
  }
  return sum;
}
