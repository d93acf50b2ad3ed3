/** ONNX Runtime for Node, in a worker thread, as core's `Runtime`. */
import { Worker } from "node:worker_threads";
import type { NamedTensors, Runtime, Session, Tensor } from "@grayling/core";
import type { InferenceSession } from "onnxruntime-node";
import { switchOffTelemetry } from "./no-telemetry.js";
import { closing, type WorkerReply, type WorkerRequest } from "./worker-messages.js";

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
  /** Why the worker is gone; a message to it would never be answered. */
  #gone: Error | undefined;

  constructor({ executionProviders = ["cpu"], threads }: OrtRuntimeOptions = {}) {
    switchOffTelemetry();
    this.#sessionOptions = {
      executionProviders: [...executionProviders],
      ...(threads !== undefined && { intraOpNumThreads: threads }),
      logSeverityLevel: 3, // errors only: warnings name nodes that no user knows
    };
    // Flags of the process are not the worker's: with `node --input-type=module -e` it would not even start.
    this.#worker = new Worker(new URL("./ort-worker.js", import.meta.url), { execArgv: [] });
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

  /**
   * Rejects what still waits, and ends the worker thread and every session in it, once it has done what it is doing: to
   * terminate a thread in which ONNX Runtime computes aborts the process (onnxruntime-node 1.30, `Napi::Error`).
   */
  async close(): Promise<void> {
    const isOpen = this.#gone === undefined;
    this.#fail(new Error("the runtime has been closed"));
    if (!isOpen) return;
    const exit = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.ref();
    this.#worker.postMessage(closing);
    await exit;
  }

  #ask(request: WithoutId<WorkerRequest>): Promise<WorkerReply> {
    if (this.#gone) return Promise.reject(this.#gone);
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
    if (this.#waiting.size === 0 && !this.#gone) this.#worker.unref(); // `close` waits for it
    if (reply.error === undefined) asked?.resolve(reply);
    else asked?.reject(new Error(`ONNX Runtime: ${reply.error}`));
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Tensors in the worker's terms. */
function plain(feeds: NamedTensors): NamedTensors {
  const entries = Object.entries(feeds).map(
    ([name, { shape, data }]) => [name, { shape, data: compact(data) }] as const,
  );
  return Object.fromEntries(entries);
}

/** A message copies the whole buffer that an array lies in: of a part, only the part is handed over. Shared memory stays. */
function compact(data: Tensor["data"]): Float32Array {
  const isPart = data.byteLength < data.buffer.byteLength;
  return isPart && data.buffer instanceof ArrayBuffer ? data.slice() : data;
}
