/** What the main thread and the worker of ONNX Runtime say to each other. */
import type { NamedTensors } from "@grayling/core";
import type { InferenceSession } from "onnxruntime-node";

/** A tensor that can change threads. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Ends the worker, once it has answered what it has begun. */
export const closing = "close";

/** `id` numbers the requests; the reply bears it too. `session` is chosen by the asker. */
export type WorkerRequest = { readonly id: number; readonly session: number } & (
  | { readonly kind: "open"; readonly model: Uint8Array; readonly options: InferenceSession.SessionOptions }
  | { readonly kind: "bind" | "run"; readonly feeds: NamedTensors }
  | { readonly kind: "release" }
);

export interface WorkerReply {
  readonly id: number;
  readonly outputs?: Readonly<Record<string, PlainTensor>>;
  readonly error?: string;
}
