/** Optimizers with Keras' semantics, updating float32 variables in place on the host. */

/** Variables, gradients or moments by name. */
export type NamedValues = Readonly<Record<string, Float32Array>>;

/** What a later run needs to go on exactly: save it with the variables. */
export interface OptimizerState {
  /** Updates done. */
  readonly step: number;
  /** By kind (`momentum`; `m`, `v`), then by variable; empty before the first update. */
  readonly moments: Readonly<Record<string, NamedValues>>;
}

/**
 * Updates every variable in place by the gradient of the same name. Returns the state for the next update; it shares
 * the moments of `state`, which change in place too.
 */
export type Update = (
  variables: NamedValues,
  gradients: NamedValues,
  learningRate: number,
  state: OptimizerState,
) => OptimizerState;

export interface SgdSettings {
  readonly momentum?: number; // 0 … 1, default 0
  readonly nesterov?: boolean; // default false
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

export const initialOptimizerState: OptimizerState = { step: 0, moments: {} };

/**
 * Makes an optimizer's update. Arithmetic is float64, stored values float32. The learning rate comes with each
 * update, so a schedule is the caller's.
 *
 * Source: Keras 3.15, `keras/src/optimizers/{sgd,adam,adamw}.py`.
 */
export const optimizers: { readonly [K in OptimizerName]: (settings?: OptimizerSettings[K]) => Update } = {
  /** v' = momentum·v − rate·g; w' = w + v', or with Nesterov w + momentum·v' − rate·g. */
  sgd:
    ({ momentum = 0, nesterov = false } = {}) =>
    (variables, gradients, rate, { step, moments }) => {
      const velocities = momentum === 0 ? undefined : (moments["momentum"] ?? zerosLike(variables));
      forEachVariable(variables, gradients, (w, g, name) => {
        const velocity = velocities?.[name];
        for (let i = 0; i < w.length; i++) {
          const moved = momentum * (velocity?.[i] ?? 0) - rate * g[i]!;
          if (velocity) velocity[i] = moved;
          w[i]! += nesterov ? momentum * moved - rate * g[i]! : moved;
        }
      });
      return { step: step + 1, moments: velocities ? { momentum: velocities } : {} };
    },

  adam: (settings) => adamUpdate(settings, 0),

  /** Source of the method: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101. */
  adamw: ({ weightDecay = 0.004, ...settings } = {}) => adamUpdate(settings, weightDecay),
};

/**
 * w ← w·(1 − rate·decay); m' = m + (g − m)·(1 − β₁); v' = v + (g² − v)·(1 − β₂);
 * w' = w − rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · m' / (√v' + ε). PyTorch's ε stands inside the correction.
 * Source of the method: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, §2, last paragraph.
 */
function adamUpdate({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamSettings = {}, decay: number): Update {
  return (variables, gradients, rate, { step, moments }) => {
    const t = step + 1;
    const next = { m: moments["m"] ?? zerosLike(variables), v: moments["v"] ?? zerosLike(variables) };
    // Keras rounds β to the variables' float32 in the correction, and only there: it moves a step by 6e-6 of itself.
    const correction = Math.sqrt(1 - Math.fround(beta2) ** t) / (1 - Math.fround(beta1) ** t);
    forEachVariable(variables, gradients, (w, g, name) => {
      const rates = { shrink: 1 - rate * decay, step: rate * correction, m: 1 - beta1, v: 1 - beta2, epsilon };
      adamLoop(w, g, next.m[name]!, next.v[name]!, rates);
    });
    return { step: t, moments: next };
  };
}

/** The loop by itself, on locals: twice as fast as inside the closure (Node 20). Math.fround: what the moments store. */
function adamLoop(
  w: Float32Array,
  g: Float32Array,
  m: Float32Array,
  v: Float32Array,
  rates: Readonly<Record<"shrink" | "step" | "m" | "v" | "epsilon", number>>,
): void {
  const { shrink, step, m: mRate, v: vRate, epsilon } = rates;
  for (let i = 0; i < w.length; i++) {
    const gradient = g[i]!;
    const mNext = Math.fround(m[i]! + (gradient - m[i]!) * mRate);
    const vNext = Math.fround(v[i]! + (gradient * gradient - v[i]!) * vRate);
    m[i] = mNext;
    v[i] = vNext;
    w[i] = w[i]! * shrink - (step * mNext) / (Math.sqrt(vNext) + epsilon);
  }
}

const zerosLike = (variables: NamedValues): NamedValues =>
  Object.fromEntries(Object.entries(variables).map(([name, { length }]) => [name, new Float32Array(length)]));

function forEachVariable(
  variables: NamedValues,
  gradients: NamedValues,
  update: (variable: Float32Array, gradient: Float32Array, name: string) => void,
): void {
  for (const [name, variable] of Object.entries(variables)) {
    const gradient = gradients[name];
    if (gradient?.length !== variable.length) {
      throw new Error(
        `internal: ${name} needs a gradient of ${variable.length} values, got ${gradient?.length ?? "none"}`,
      );
    }
    update(variable, gradient, name);
  }
}
