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

/** Copies of shared memory that runs are done with, the last few. */
const copies: Float32Array[] = [];
const keptCopies = 4;

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
  if (request.kind === "bind") {
    for (const [name, tensor] of Object.entries(request.feeds)) open.bound.set(name, ortTensor(tensor, []));
    return nothing;
  }
  const feeds = Object.entries(request.feeds).map(([name, tensor]) => [name, ortTensor(tensor, copies)] as const);
  const results = await open.session.run(Object.fromEntries([...open.bound, ...feeds]));
  for (const [name, { data }] of feeds) if (data !== request.feeds[name]?.data) copies.push(data as Float32Array);
  copies.splice(0, copies.length - keptCopies);
  const outputs = Object.entries(results).map(([name, tensor]) => [name, plainTensor(tensor)] as const);
  return { reply: { outputs: Object.fromEntries(outputs) }, transfer: outputs.map(([, { data }]) => data.buffer) };
}

/** ONNX Runtime takes no shared memory: that is copied, into one of `spare` of the same length if there is one. */
function ortTensor({ shape, data }: NamedTensors[string], spare: Float32Array[]): Tensor {
  if (data.buffer instanceof ArrayBuffer) return new Tensor("float32", data, [...shape]);
  const found = spare.findIndex(({ length }) => length === data.length);
  const copy = found === -1 ? new Float32Array(data.length) : spare.splice(found, 1)[0]!;
  copy.set(data);
  return new Tensor("float32", copy, [...shape]);
}

/** Copied, since the buffer of a native tensor cannot be transferred. Every output of ours is float32. */
const plainTensor = ({ dims, data }: Tensor): PlainTensor => ({
  shape: dims,
  data: new Float32Array(data as Float32Array),
});
