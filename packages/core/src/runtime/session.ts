/**
 * The few methods of an ONNX Runtime that we call, as our own interface. Each of ONNX Runtime's packages fits it (Node, web),
 * directly or through a worker, so nothing in core asks where it runs.
 */
import type { Tensor } from "../graph/tensor.js";

/** Values by the name of a graph input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

export interface Session {
  /** Holds inputs that stay the same from run to run, so that they are handed over once. */
  bind(inputs: NamedTensors): Promise<void>;
  /** Runs the graph once. `feeds` are not copied and must not change until the promise settles. */
  run(feeds: NamedTensors): Promise<NamedTensors>;
  /** Frees the session's memory; it cannot run afterwards. */
  release(): Promise<void>;
}

export interface Runtime {
  /** Opens an encoded ONNX model. */
  open(model: Uint8Array): Promise<Session>;
}
