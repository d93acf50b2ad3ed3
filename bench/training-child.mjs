/** grayling's side of the training bench: one way to train, in one process, by the protocol of `peers/training.py`. */
import { createInterface } from "node:readline";
import {
  bind,
  buildHead,
  calmWeights,
  efficientNet,
  encode,
  estimateMemory,
  foldBatchNorm,
  foldGrayscale,
  inference,
  initialize,
  lower,
  NetworkTrainer,
  prepareNetwork,
  probeBlock,
  sizeOf,
  stepGraph,
} from "@grayling/core";

const {
  network,
  height,
  width,
  batch,
  classes,
  threads,
  work,
  kernels: wanted,
  microBatch,
} = JSON.parse(process.argv[2]);

// What the thread of a training uses, and nobody else.
const part = (path) => import(new URL(path, import.meta.resolve("grayling")).href);
const { inThreadRuntime } = await part("./runtime/in-thread-runtime.js");

/** The product's, which decides about spinning by itself, with a watch. */
const timed = inThreadRuntime(threads);
const runtime = {
  async open(model) {
    const session = await timed.open(model);
    return {
      ...session,
      async run(feeds) {
        const started = performance.now();
        const outputs = await session.run(feeds);
        inside += performance.now() - started;
        return outputs;
      },
    };
  },
};
let inside = 0; // ms in ONNX Runtime
let estimate = null; // MB

const graph = efficientNet(`efficientnet-${network}`, { height, width, includeTop: false, pooling: "avg" });
const backbone = bind(graph, calmWeights(graph, 0));
const step = await prepare();
for (let i = 0; i < 16; i++) await step(); // by then it is decided whether threads spin
console.log(`ready ${JSON.stringify({ node: process.versions.node })}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [word, count] = line.split(" ");
  if (word === "memory") console.log(JSON.stringify(process.resourceUsage().maxRSS / 1024));
  if (word === "estimate") console.log(JSON.stringify(estimate));
  if (word === "share") console.log(JSON.stringify(inside));
  if (word !== "run") continue;
  const times = [];
  inside = 0;
  for (let i = 0; i < Number(count); i++) {
    const started = performance.now();
    await step();
    times.push(performance.now() - started);
  }
  console.log(JSON.stringify(times));
}
process.exit();

async function prepare() {
  if (work === "forward") {
    const session = await runtime.open(encode(lower(foldBatchNorm(foldGrayscale(backbone)), inference)));
    const data = Float32Array.from({ length: batch * height * width }, (_, i) => (i * 7919) % 256);
    return () => session.run({ input_layer: { shape: [batch, 1, height, width], data } });
  }
  const headGraph = buildHead([], backbone.graph.nodes.get(graph.outputs[0]).shape[1], classes);
  const head = bind(headGraph, initialize(headGraph, 0));
  const unfreeze = work === "top" ? "block6" : "all";
  const prepared = prepareNetwork(backbone, head, { unfreeze, stochasticDepth: false });
  const block = wanted === "portable" ? undefined : await probeBlock(runtime);
  const options = {
    kernels: block === undefined ? { name: "portable" } : { name: "blocked", block },
    images: microBatch ?? batch,
    optimizer: "adamw",
    weightDecay: 0.01,
    limits: {},
    seed: 0,
  };
  const trainer = await NetworkTrainer.open(runtime, prepared, options);
  estimate = estimateMemory(stepGraph(prepared).graph, prepared.trained, microBatch ?? batch) / 2 ** 20;
  const shape = prepared.split.above.graph.nodes.get(prepared.split.cut).shape.slice(1);
  const data = Float32Array.from({ length: batch * sizeOf(shape) }, (_, i) => (i * 7919) % 256);
  const targets = Float32Array.from({ length: batch * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  return () => trainer.learn({ input: { shape: [batch, ...shape], data }, targets, rows: batch }, 1e-4);
}
