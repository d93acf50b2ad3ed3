/**
 * Optimizers with Keras' semantics, a variable at a time: one loop from its gradient to what a graph reads of it. The arrays are
 * larger than the caches of a processor, so that each further pass over them costs as much as the arithmetic.
 *
 * Arithmetic is float64, stored values are float32.
 */

export interface SgdSettings {
  readonly momentum?: number; // 0 … 1, default 0
  readonly nesterov?: boolean; // default false
  /** Each update first shrinks every variable by learning rate · this; default 0. */
  readonly weightDecay?: number;
}

export interface AdamSettings {
  readonly beta1?: number; // default 0.9
  readonly beta2?: number; // default 0.999
  readonly epsilon?: number; // default 1e-7, outside the bias correction
}

export interface AdamwSettings extends AdamSettings {
  /** Each update first shrinks every variable, biases too, by learning rate · this; default 0.004. */
  readonly weightDecay?: number;
}

export interface OptimizerSettings {
  readonly sgd: SgdSettings;
  readonly adam: AdamSettings;
  readonly adamw: AdamwSettings;
}

export type OptimizerName = keyof OptimizerSettings;

/** Of one variable, all of its length. */
export interface VariableArrays {
  /** The variable. */
  readonly values: Float32Array;
  /** One for each of the rule's, in their order; 0 before the first update. */
  readonly moments: readonly Float32Array[];
  /** A graph reads values · factors, so a gradient comes back times them. */
  readonly factors: Float32Array;
}

/** What an update reads and writes besides, of the variable's length. */
export interface VariableStep {
  readonly gradient: Float32Array;
  /** Where values · factors go; may be `values`, where the factors are 1. */
  readonly published: Float32Array;
}

/** What all variables of an update share. */
export interface UpdateStep {
  readonly number: number; // from 1
  /** What every gradient is multiplied by, and then the most that a value of it may be, to either side. */
  readonly limit: { readonly factor: number; readonly most: number };
}

export const noLimit: UpdateStep["limit"] = { factor: 1, most: Infinity };

/** An optimizer with its settings. */
export interface OptimizerRule {
  readonly moments: readonly string[];
  /** Updates one variable; returns Σ g², before the limit. A gradient that is no number makes the variable none. */
  readonly move: (arrays: VariableArrays, step: VariableStep, rate: number, update: UpdateStep) => number;
}

/** Source: Keras 3.15, `keras/src/optimizers/{base_optimizer,sgd,adam,adamw}.py`. */
export const optimizerRules: { readonly [K in OptimizerName]: (settings?: OptimizerSettings[K]) => OptimizerRule } = {
  /** v' = momentum·v − rate·g; w' = w + v', or with Nesterov w + momentum·v' − rate·g. */
  sgd: ({ momentum = 0, nesterov = false, weightDecay = 0 } = {}) => ({
    moments: momentum === 0 ? [] : ["momentum"],
    move: (arrays, step, rate, { limit }) =>
      sgdLoop(arrays, step, { ...limit, momentum, nesterov, rate, shrink: 1 - rate * weightDecay }),
  }),

  adam: (settings) => adamRule(settings, 0),

  /** Source of the method: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101. */
  adamw: ({ weightDecay = 0.004, ...settings } = {}) => adamRule(settings, weightDecay),
};

/**
 * w ← w·(1 − rate·decay); m' = m + (g − m)·(1 − β₁); v' = v + (g² − v)·(1 − β₂);
 * w' = w − rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · m' / (√v' + ε). PyTorch's ε stands inside the correction.
 * Source of the method: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, §2, last paragraph.
 */
function adamRule({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamSettings = {}, decay: number): OptimizerRule {
  return {
    moments: ["m", "v"],
    move(arrays, step, rate, { number, limit }) {
      // Keras rounds β to the variables' float32 in the correction, and only there: it moves a step by 6e-6 of itself.
      const correction = Math.sqrt(1 - Math.fround(beta2) ** number) / (1 - Math.fround(beta1) ** number);
      const rates = { shrink: 1 - rate * decay, pace: rate * correction, m: 1 - beta1, v: 1 - beta2, epsilon };
      return adamLoop(arrays, step, { ...limit, ...rates });
    },
  };
}

interface AdamConstants {
  readonly factor: number;
  readonly most: number;
  readonly shrink: number;
  readonly pace: number;
  readonly m: number;
  readonly v: number;
  readonly epsilon: number;
}

/** On locals: twice as fast as inside a closure (Node 20). Each Math.fround costs a tenth: only what is published needs one. */
function adamLoop(arrays: VariableArrays, { gradient: g, published }: VariableStep, constants: AdamConstants): number {
  const { values: w, moments, factors } = arrays;
  const [m, v] = moments as readonly [Float32Array, Float32Array]; // the rule's
  const { factor, most, shrink, pace, m: mRate, v: vRate, epsilon } = constants;
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const scale = factors[i]!;
    const whole = g[i]! * scale;
    sum += whole * whole;
    const gradient = Math.min(Math.max(whole * factor, -most), most);
    const mNext = m[i]! + (gradient - m[i]!) * mRate;
    const vNext = v[i]! + (gradient * gradient - v[i]!) * vRate;
    m[i] = mNext;
    v[i] = vNext;
    const next = Math.fround(w[i]! * shrink - (pace * mNext) / (Math.sqrt(vNext) + epsilon));
    w[i] = next;
    published[i] = next * scale;
  }
  return sum;
}

interface SgdConstants {
  readonly factor: number;
  readonly most: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly rate: number;
  readonly shrink: number;
}

function sgdLoop(arrays: VariableArrays, { gradient: g, published }: VariableStep, constants: SgdConstants): number {
  const { values: w, moments, factors } = arrays;
  const [velocity] = moments;
  const { factor, most, momentum, nesterov, rate, shrink } = constants;
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    const scale = factors[i]!;
    const whole = g[i]! * scale;
    sum += whole * whole;
    const gradient = Math.min(Math.max(whole * factor, -most), most);
    const moved = (velocity === undefined ? 0 : momentum * velocity[i]!) - rate * gradient;
    if (velocity !== undefined) velocity[i] = moved;
    const next = Math.fround(w[i]! * shrink + (nesterov ? momentum * moved - rate * gradient : moved));
    w[i] = next;
    published[i] = next * scale;
  }
  return sum;
}
