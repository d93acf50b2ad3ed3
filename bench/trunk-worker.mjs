/** A worker thread with one session of onnxruntime-node and nothing of grayling: runs one batch again and again. */
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";

const { model, shape, options } = workerData;
const session = await InferenceSession.create(model, { logSeverityLevel: 3, ...options });
const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 7919) % 256);
const feeds = { input_layer: new Tensor("float32", data, shape) };

parentPort.on("message", async (runs) => {
  for (let i = 0; i < runs; i++) await session.run(feeds);
  parentPort.postMessage("done");
});
parentPort.postMessage("ready");
