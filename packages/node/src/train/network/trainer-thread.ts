/** A network in training, in a thread of its own: the main thread stays alive for reading, progress and Ctrl-C. */
import { Worker } from "node:worker_threads";
import {
  InputError,
  type StepResult,
  type Tensor,
  type Trainer,
  type TrainerState,
  type TrainingBatch,
} from "@grayling/core";
import { switchOffTelemetry } from "../../runtime/no-telemetry.js";
import type { OpenTraining, TrainerAnswers, TrainerReply, TrainerRequest } from "./trainer-messages.js";

type WithoutId<R> = R extends unknown ? Omit<R, "id"> : never;

/** A `Trainer` in a worker thread. Open one, and close it whatever comes. */
export class TrainerThread implements Trainer {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #requests = 0;
  #gone: Error | undefined;
  /** Which layout of maps it trains in. */
  kernels: "portable" | "blocked" = "portable";

  private constructor() {
    switchOffTelemetry();
    this.#worker = new Worker(new URL("./trainer-worker.js", import.meta.url), { execArgv: [] });
    this.#worker.on("message", (reply: TrainerReply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the training thread has ended")));
  }

  /** Throws `InputError` as `prepareNetwork`, and where `kernels` asks for what the runtime lacks. */
  static async open(training: OpenTraining): Promise<TrainerThread> {
    const thread = new TrainerThread();
    try {
      const { kernels } = await thread.#ask("open", { kind: "open", ...training });
      thread.kernels = kernels;
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** The batch changes threads: its buffers are empty here afterwards. */
  learn({ input, targets, rows }: TrainingBatch, rate: number): Promise<StepResult> {
    return this.#ask("learn", { kind: "learn", input, targets, rows, rate }, [input.data, targets]);
  }

  /** The input changes threads. */
  evaluate(input: Tensor): Promise<Float32Array> {
    return this.#ask("evaluate", { kind: "evaluate", input }, [input.data]);
  }

  state(): Promise<TrainerState> {
    return this.#ask("state", { kind: "state" });
  }

  restore(state: TrainerState): Promise<undefined> {
    return this.#ask("restore", { kind: "restore", state });
  }

  /** Ends the thread, once it has done what it is doing: terminated in the middle, ONNX Runtime aborts the process. */
  async close(): Promise<void> {
    if (this.#gone) return;
    const exit = new Promise((resolve) => this.#worker.once("exit", resolve));
    await this.#ask("close", { kind: "close" }).catch(() => this.#worker.terminate());
    await exit;
  }

  #ask<K extends keyof TrainerAnswers>(
    _kind: K,
    request: WithoutId<TrainerRequest>,
    transfer: readonly Float32Array[] = [],
  ): Promise<TrainerAnswers[K]> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = this.#requests++;
    // A part of a larger buffer, or shared memory, is copied.
    const buffers = transfer.flatMap(({ buffer, byteLength }) =>
      buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
    );
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id }, [...new Set(buffers)]);
    });
  }

  #settle({ id, answer, error }: TrainerReply): void {
    const asked = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!error)
      asked?.resolve(answer as never); // the answer to this very request
    else asked?.reject(error.isInput ? new InputError(error.message) : new Error(`training: ${error.message}`));
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
