/** ONNX Runtime for Node in the calling thread, which it blocks while it computes: for worker threads. */
import type { NamedTensors, Runtime, Session } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { SpinningChoice } from "./spinning-choice.js";

/**
 * Every output of ours is float32. Outputs are the caller's; the runtime keeps nothing of them. Whether threads spin while they
 * wait changes as `SpinningChoice` says; results are the same bytes.
 */
export const inThreadRuntime = (threads: number | undefined): Runtime => ({
  async open(model): Promise<Session> {
    let [session, spins] = [await openSession(model, threads, false), false];
    const choice = new SpinningChoice();
    let bound: Record<string, Tensor> = {};
    return {
      async bind(inputs) {
        bound = { ...bound, ...ortTensors(inputs) };
      },
      async run(feeds) {
        const started = performance.now();
        const results = await session.run({ ...bound, ...ortTensors(feeds) });
        const wanted = threads === 1 ? false : choice.note(performance.now() - started);
        if (wanted !== spins) {
          await session.release(); // first: two of them would take twice the memory
          [session, spins] = [await openSession(model, threads, wanted), wanted];
        }
        const outputs = Object.entries(results).map(
          ([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }] as const,
        );
        return Object.fromEntries(outputs);
      },
      release: () => session.release(),
    };
  },
});

/** One that trains: it takes little memory. */
export function openSession(model: Uint8Array, threads: number | undefined, spins: boolean): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    logSeverityLevel: 3, // errors only: warnings name nodes that no user knows
    // The memory that is planned for a whole run is packed badly: 1.5 GB for a step of B0 that takes 0.9 without, as fast.
    enableMemPattern: false,
    // Between runs, spinning threads would take the cores from what moves the variables.
    extra: { session: { intra_op: { allow_spinning: spins ? "1" : "0" }, force_spinning_stop: "1" } },
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  });
}

const ortTensors = (tensors: NamedTensors): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, new Tensor("float32", data, [...shape])]),
  );
