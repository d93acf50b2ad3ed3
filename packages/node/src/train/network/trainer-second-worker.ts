/** The second thread of a training: it moves its share of the variables, which lie in shared memory, whenever it is asked. */
import { parentPort, workerData } from "node:worker_threads";
import { type Moved, moveVariables } from "@grayling/core";
import { type MoveRequest, ownBuffers, type SecondShare } from "./trainer-second-messages.js";

const port = parentPort;
if (!port) throw new Error("internal: trainer-second-worker runs as a worker thread only");

const { variables, choice } = workerData as SecondShare;

port.on("message", ({ steps, movement }: MoveRequest) => {
  const squares = moveVariables(variables, steps, choice, movement);
  const published = steps.map((step) => step.published);
  port.postMessage({ squares, published } satisfies Moved, ownBuffers(published));
});
