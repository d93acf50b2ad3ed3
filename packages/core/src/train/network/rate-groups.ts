/** Variables that one update moves alike: by their part of the rate, and by whether they decay. */
import { weightOf } from "../../graph/model.js";
import { optimizers, type Update } from "../layers/optimizers.js";
import type { PreparedNetwork } from "./prepare-network.js";
import type { TrainerOptions } from "./trainer-options.js";

/** Its state lives with the trainer. */
export interface RateGroup {
  readonly rate: number;
  readonly update: Update;
  readonly names: readonly string[];
}

/** Variables by rate and by whether they decay. */
export function rateGroups(
  names: readonly string[],
  { network }: PreparedNetwork,
  options: TrainerOptions,
): RateGroup[] {
  const { rates = {}, optimizer, momentum, weightDecay } = options;
  const groups = new Map<string, { rate: number; decay: boolean; names: string[] }>();
  for (const name of names) {
    const decay = weightOf(network, name).shape.length > 1; // neither biases nor what normalizes
    const rate = rates[name] ?? 1;
    const key = `${rate} ${decay}`;
    groups.set(key, { rate, decay, names: [...(groups.get(key)?.names ?? []), name] });
  }
  return [...groups.values()].map(({ rate, decay, names: own }) => {
    const settings = {
      ...(momentum !== undefined && { momentum }),
      ...(optimizer === "adamw" && { weightDecay: decay ? (weightDecay ?? 0.004) : 0 }),
    };
    const update = optimizers[optimizer](settings);
    const decays = optimizer === "sgd" && decay && weightDecay ? weightDecay : 0;
    return { rate, update: decays === 0 ? update : decaying(update, decays), names: own };
  });
}

/** Weight decay before an update that knows none, as Keras' optimizers take it: w ← w·(1 − rate·decay). */
const decaying =
  (update: Update, decay: number): Update =>
  (variables, gradients, rate, state) => {
    for (const values of Object.values(variables)) {
      for (let i = 0; i < values.length; i++) values[i]! *= 1 - rate * decay;
    }
    return update(variables, gradients, rate, state);
  };
