/** What the main thread and the worker of ONNX Runtime say to each other. */
import type { InferenceSession } from "onnxruntime-node";

export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** `id` numbers the requests; the reply bears it too. `session` is chosen by the asker. */
export type WorkerRequest = { readonly id: number; readonly session: number } & (
  | { readonly kind: "open"; readonly model: Uint8Array; readonly options: InferenceSession.SessionOptions }
  | { readonly kind: "bind" | "run"; readonly feeds: Readonly<Record<string, PlainTensor>> }
  | { readonly kind: "release" }
);

export interface WorkerReply {
  readonly id: number;
  readonly outputs?: Readonly<Record<string, PlainTensor>>;
  readonly error?: string;
}
