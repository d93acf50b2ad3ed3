/** Where the variables of a training live, and who moves them: this thread, or several that share memory. */
import type { VariableStep } from "../layers/optimizer-rules.js";
import { type MovedVariable, type Movement, moveVariables, type OptimizerChoice } from "./move-variables.js";

/** An update that has been done, in the order of the variables. */
export interface Moved {
  /** Σ g² of each, before the limit. */
  readonly squares: readonly number[];
  /** What the graph reads next; of another thread they are other arrays than those that were given. */
  readonly published: readonly Float32Array[];
}

/** Moves the variables that it was opened with. */
export interface Mover {
  /** Steps are in the order of the variables; their arrays are the mover's until it returns, gradients afterwards too. */
  move(steps: readonly VariableStep[], movement: Movement): Promise<Moved>;
  close(): Promise<void>;
}

export interface TrainingHost {
  /** Zeros, for what updates read and change and others read between them. */
  allocate(length: number): Float32Array;
  /** The caller closes it. */
  open(variables: readonly MovedVariable[], choice: OptimizerChoice): Promise<Mover>;
}

/** This thread alone, as everywhere. */
export const hostOfOne: TrainingHost = {
  allocate: (length) => new Float32Array(length),
  async open(variables, choice) {
    return {
      async move(steps, movement) {
        const squares = moveVariables(variables, steps, choice, movement);
        return { squares, published: steps.map(({ published }) => published) };
      },
      async close() {},
    };
  },
};
