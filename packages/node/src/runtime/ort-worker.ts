/**
 * The worker thread in which ONNX Runtime runs: its `run()` blocks the event loop for as long as it computes, and the
 * main thread must stay alive for progress, decoding and Ctrl-C. One worker holds any number of sessions.
 */
import { parentPort } from "node:worker_threads";
import type { NamedTensors } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { closing, type PlainTensor, type WorkerReply, type WorkerRequest } from "./worker-messages.js";

const port = parentPort;
if (!port) throw new Error("internal: ort-worker runs as a worker thread only");

interface OpenSession {
  readonly session: InferenceSession;
  /** Inputs that stay the same from run to run. */
  readonly bound: Map<string, Tensor>;
}

const sessions = new Map<number, OpenSession>();

port.on("message", async (request: WorkerRequest | typeof closing) => {
  if (request === closing) return port.close(); // nothing else keeps this thread alive
  try {
    const { reply, transfer } = await answer(request);
    port.postMessage({ id: request.id, ...reply } satisfies WorkerReply, transfer);
  } catch (error) {
    port.postMessage({ id: request.id, error: (error as Error).message } satisfies WorkerReply);
  }
});

async function answer(request: WorkerRequest): Promise<{ reply: Omit<WorkerReply, "id">; transfer: ArrayBuffer[] }> {
  const nothing = { reply: {}, transfer: [] };
  if (request.kind === "open") {
    const session = await InferenceSession.create(request.model, request.options);
    sessions.set(request.session, { session, bound: new Map() });
    return nothing;
  }
  const open = sessions.get(request.session);
  if (!open) throw new Error(`internal: no session ${request.session}`);
  if (request.kind === "release") {
    sessions.delete(request.session);
    await open.session.release();
    return nothing;
  }
  const feeds = Object.entries(request.feeds).map(([name, tensor]) => [name, ortTensor(tensor)] as const);
  if (request.kind === "bind") {
    for (const [name, tensor] of feeds) open.bound.set(name, tensor);
    return nothing;
  }
  const results = await open.session.run(Object.fromEntries([...open.bound, ...feeds]));
  const outputs = Object.entries(results).map(([name, tensor]) => [name, plainTensor(tensor)] as const);
  return { reply: { outputs: Object.fromEntries(outputs) }, transfer: outputs.map(([, { data }]) => data.buffer) };
}

/** ONNX Runtime takes no shared memory. */
function ortTensor({ shape, data }: NamedTensors[string]): Tensor {
  return new Tensor("float32", data.buffer instanceof ArrayBuffer ? data : new Float32Array(data), [...shape]);
}

/** Copied, since the buffer of a native tensor cannot be transferred. Every output of ours is float32. */
const plainTensor = ({ dims, data }: Tensor): PlainTensor => ({
  shape: dims,
  data: new Float32Array(data as Float32Array),
});
