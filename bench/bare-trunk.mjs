/** The network alone in onnxruntime-node, on planes that lie in memory. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * Opens `lanes` sessions of `threads` threads each (default: onnxruntime-node's own choice), which share a batch.
 *
 * @param shape `[batch, channels, height, width]`
 * @returns `{ run(images), close() }`
 */
export async function openBareTrunk(model, [batch, ...image], { lanes = 1, threads } = {}) {
  const options = threads === undefined ? {} : { intraOpNumThreads: threads };
  const part = batch / lanes;
  const workers = await Promise.all(
    Array.from({ length: lanes }, async () => {
      const workerData = { model, shape: [part, ...image], options };
      const worker = new Worker(new URL("./trunk-worker.mjs", import.meta.url), { workerData });
      await once(worker, "message");
      return worker;
    }),
  );
  return {
    run: (images) =>
      Promise.all(
        workers.map(async (worker) => {
          worker.postMessage(Math.round(images / batch));
          await once(worker, "message");
        }),
      ),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
