/** Opens a model on the CPU for the throughput of many images, not for the latency of one. */
import { availableParallelism } from "node:os";
import type { Session } from "@grayling/core";
import { divideBatch } from "./divide-batch.js";
import { OrtRuntime } from "./ort-runtime.js";

/** Every lane has its own copy of the weights: so many bytes of them at most. */
const maxWeightBytes = 2 ** 30;

/**
 * One session of one thread per core, side by side, each in its own worker, and each batch divided among them. Threads
 * inside an operator wait for the slowest at every operator, spinning, so they take cores from decoding and from
 * each other; single threads wait for nobody (`npm run bench -- features` shows both). Lanes have more than one
 * thread only where the weights are too large for so many copies. Every lane computes the same bytes.
 */
export async function openLanes(model: Uint8Array, threads: number = availableParallelism()): Promise<Session> {
  const count = Math.max(1, Math.min(threads, Math.floor(maxWeightBytes / model.length)));
  const lanes = Array.from({ length: count }, () => new OrtRuntime({ threads: Math.floor(threads / count) }));
  const close = async () => void (await Promise.all(lanes.map((lane) => lane.close())));
  try {
    const session = divideBatch(await Promise.all(lanes.map((lane) => lane.open(model))));
    return { ...session, release: close };
  } catch (error) {
    await close();
    throw error;
  }
}
