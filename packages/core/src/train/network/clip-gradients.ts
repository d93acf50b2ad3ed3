/** Limits gradients before an update. Source of the meaning: Keras 3.15, `keras/src/optimizers/base_optimizer.py`. */
import type { NamedValues } from "../layers/optimizers.js";

/** Absent: no limit. */
export interface GradientLimits {
  /** Of the norm of all gradients together: above it all are scaled down to it. */
  readonly globalNorm?: number | undefined;
  /** Of each value. */
  readonly value?: number | undefined;
}

/** Lengths of gradients. */
export interface GradientNorms {
  /** √Σ g² over all variables, before anything is limited. */
  readonly global: number;
  /** The variable with the largest norm of its own: where a training that diverges began to. */
  readonly largest: string;
}

/** Limits the gradients in place; returns their norms before. */
export function clipGradients(gradients: NamedValues, { globalNorm, value }: GradientLimits): GradientNorms {
  let [sum, most, largest] = [0, -1, ""];
  for (const [name, gradient] of Object.entries(gradients)) {
    const own = squareSum(gradient);
    sum += own;
    if (!(own <= most)) [most, largest] = [own, name]; // a NaN stays the largest
    if (Number.isNaN(own)) most = Infinity;
  }
  const global = Math.sqrt(sum);
  const factor = globalNorm !== undefined && global > globalNorm ? globalNorm / global : 1;
  if (factor !== 1 || value !== undefined) {
    for (const gradient of Object.values(gradients)) limit(gradient, factor, value ?? Infinity);
  }
  return { global, largest };
}

function squareSum(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function limit(values: Float32Array, factor: number, most: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i]! * factor, -most), most);
}
