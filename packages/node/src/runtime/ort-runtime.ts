/** ONNX Runtime for Node, in a worker thread, as core's `Runtime`. */
import { Worker } from "node:worker_threads";
import type { NamedTensors, Runtime, Session, Tensor } from "@grayling/core";
import type { InferenceSession } from "onnxruntime-node";
import type { PlainTensor, WorkerReply, WorkerRequest } from "./worker-messages.js";

export interface OrtRuntimeOptions {
  /** ONNX Runtime's execution providers, first choice first. Default `["cpu"]`. */
  readonly executionProviders?: readonly string[];
  /** Threads inside one operator. Default: ONNX Runtime's, the physical cores. */
  readonly threads?: number;
}

type WithoutId<R> = R extends unknown ? Omit<R, "id"> : never;

/** A `Runtime` that owns a worker thread; `close()` ends it. */
export class OrtRuntime implements Runtime {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (reply: WorkerReply) => void; reject: (error: Error) => void }>();
  readonly #sessionOptions: InferenceSession.SessionOptions;
  #requests = 0;
  #sessions = 0;

  constructor({ executionProviders = ["cpu"], threads }: OrtRuntimeOptions = {}) {
    this.#sessionOptions = {
      executionProviders: [...executionProviders],
      ...(threads !== undefined && { intraOpNumThreads: threads }),
      logSeverityLevel: 3, // errors only: warnings name nodes that no user knows
    };
    this.#worker = new Worker(new URL("./ort-worker.js", import.meta.url));
    this.#worker.unref(); // an idle runtime does not keep the process alive; a waiting request does
    this.#worker.on("message", (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the runtime has been closed")));
  }

  async open(model: Uint8Array): Promise<Session> {
    const session = this.#sessions++;
    await this.#ask({ kind: "open", session, model, options: this.#sessionOptions });
    return {
      bind: async (inputs) => void (await this.#ask({ kind: "bind", session, feeds: plain(inputs) })),
      run: async (feeds: NamedTensors): Promise<NamedTensors> => {
        const { outputs } = await this.#ask({ kind: "run", session, feeds: plain(feeds) });
        return outputs ?? {};
      },
      release: async () => void (await this.#ask({ kind: "release", session })),
    };
  }

  /** Ends the worker thread and every session in it. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: WithoutId<WorkerRequest>): Promise<WorkerReply> {
    const id = this.#requests++;
    this.#worker.ref();
    return new Promise<WorkerReply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle(reply: WorkerReply): void {
    const asked = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply.error === undefined) asked?.resolve(reply);
    else asked?.reject(new Error(`ONNX Runtime: ${reply.error}`));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Tensors in the worker's terms. */
function plain(feeds: NamedTensors): Record<string, PlainTensor> {
  const entries = Object.entries(feeds).map(
    ([name, { shape, data }]) => [name, { shape, data: unshared(data) }] as const,
  );
  return Object.fromEntries(entries);
}

const unshared = (data: Tensor["data"]) => data as Float32Array<ArrayBuffer>; // a message copies it either way
