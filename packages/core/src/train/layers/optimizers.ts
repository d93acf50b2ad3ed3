/** Optimizers with Keras' semantics, updating float32 variables in place on the host. */
import {
  noLimit,
  type OptimizerName,
  type OptimizerRule,
  type OptimizerSettings,
  optimizerRules,
} from "./optimizer-rules.js";

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

export const initialOptimizerState: OptimizerState = { step: 0, moments: {} };

/** Makes an optimizer's update. The learning rate comes with each update, so a schedule is the caller's. */
export const optimizers: { readonly [K in OptimizerName]: (settings?: OptimizerSettings[K]) => Update } = {
  sgd: (settings) => updateBy(optimizerRules.sgd(settings)),
  adam: (settings) => updateBy(optimizerRules.adam(settings)),
  adamw: (settings) => updateBy(optimizerRules.adamw(settings)),
};

function updateBy(rule: OptimizerRule): Update {
  return (variables, gradients, rate, { step, moments }) => {
    const kinds = rule.moments.map((kind) => [kind, moments[kind] ?? zerosLike(variables)] as const);
    for (const [name, values] of Object.entries(variables)) {
      const gradient = gradients[name];
      if (gradient?.length !== values.length) {
        throw new Error(
          `internal: ${name} needs a gradient of ${values.length} values, got ${gradient?.length ?? "none"}`,
        );
      }
      const own = kinds.map(([, moment]) => moment[name]!);
      const factors = new Float32Array(values.length).fill(1);
      const update = { number: step + 1, limit: noLimit };
      rule.move({ values, moments: own, factors }, { gradient, published: values }, rate, update);
    }
    return { step: step + 1, moments: Object.fromEntries(kinds) };
  };
}

const zerosLike = (variables: NamedValues): NamedValues =>
  Object.fromEntries(Object.entries(variables).map(([name, { length }]) => [name, new Float32Array(length)]));
