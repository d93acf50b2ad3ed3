/** ONNX Runtime for Node in the calling thread, which it blocks while it computes: for worker threads. */
import type { NamedTensors, Runtime, Session } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** Every output of ours is float32. Outputs are the caller's; the runtime keeps nothing of them. */
export const inThreadRuntime = (threads: number | undefined): Runtime => ({
  async open(model): Promise<Session> {
    const session = await InferenceSession.create(model, {
      logSeverityLevel: 3, // errors only: warnings name nodes that no user knows
      // The memory that is planned for a whole run is packed badly: 1.5 GB for a step of B0 that takes 0.9 without, as fast.
      enableMemPattern: false,
      // Threads that wait for the slowest spin by default: beside other work a training step then takes two to three times as long.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    });
    let bound: Record<string, Tensor> = {};
    return {
      async bind(inputs) {
        bound = { ...bound, ...ortTensors(inputs) };
      },
      async run(feeds) {
        const results = await session.run({ ...bound, ...ortTensors(feeds) });
        const outputs = Object.entries(results).map(
          ([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }] as const,
        );
        return Object.fromEntries(outputs);
      },
      release: () => session.release(),
    };
  },
});

const ortTensors = (tensors: NamedTensors): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, new Tensor("float32", data, [...shape])]),
  );
