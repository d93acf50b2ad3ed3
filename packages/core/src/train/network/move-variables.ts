/** How the variables of a training move: each by its part of the rate, decaying or not. */
import {
  type OptimizerRule,
  optimizerRules,
  type UpdateStep,
  type VariableArrays,
  type VariableStep,
} from "../layers/optimizer-rules.js";
import type { TrainerOptions } from "./trainer-options.js";

/** A variable with what moves along. Arrays are as long as the variable. */
export interface MovedVariable extends VariableArrays {
  /** What it gets of the rate. */
  readonly part: number;
  /** Biases and what normalizes do not. */
  readonly decays: boolean;
  /** Exponential moving average of the values; absent: none is kept. */
  readonly average?: Float32Array;
}

/** What all variables of an update share. */
export interface Movement extends UpdateStep {
  readonly rate: number;
  /** What the moving averages keep. */
  readonly kept: number;
}

export type OptimizerChoice = Pick<TrainerOptions, "optimizer" | "momentum" | "weightDecay">;

/** Moments that each variable has. */
export const momentsOf = (choice: OptimizerChoice): readonly string[] => ruleOf(choice, true).moments;

/** Updates every variable; steps are in the order of the variables. Returns Σ g² of each, before the limit. */
export function moveVariables(
  variables: readonly MovedVariable[],
  steps: readonly VariableStep[],
  choice: OptimizerChoice,
  movement: Movement,
): number[] {
  const [decaying, sparing] = [ruleOf(choice, true), ruleOf(choice, false)];
  return variables.map((variable, i) => {
    const { part, decays, values, average } = variable;
    const squares = (decays ? decaying : sparing).move(variable, steps[i]!, movement.rate * part, movement);
    if (average) moveAverage(average, values, movement.kept);
    return squares;
  });
}

function ruleOf({ optimizer, momentum, weightDecay }: OptimizerChoice, decays: boolean): OptimizerRule {
  const settings = {
    ...(momentum !== undefined && { momentum }),
    ...(optimizer !== "adam" && weightDecay !== undefined && { weightDecay }),
    ...(optimizer !== "adam" && !decays && { weightDecay: 0 }),
  };
  return optimizerRules[optimizer](settings);
}

/** average ← kept · average + (1 − kept) · now. */
export function moveAverage(average: Float32Array, now: Float32Array, kept: number): void {
  for (let i = 0; i < average.length; i++) average[i] = kept * average[i]! + (1 - kept) * now[i]!;
}
