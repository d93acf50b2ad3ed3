/** What the thread that trains and the one that moves half of its variables say to each other. */
import type { MovedVariable, Movement, OptimizerChoice, VariableStep } from "@grayling/core";

/** What the second thread begins with. The arrays are in shared memory. */
export interface SecondShare {
  readonly variables: readonly MovedVariable[];
  readonly choice: OptimizerChoice;
}

/** An update; its arrays change threads. It is answered by a `Moved`. */
export interface MoveRequest {
  readonly steps: readonly VariableStep[];
  readonly movement: Movement;
}

/** Buffers that may change threads: those that are whole, and not shared. */
export function ownBuffers(arrays: readonly Float32Array[]): ArrayBuffer[] {
  const whole = arrays.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
  return [...new Set(whole)];
}
