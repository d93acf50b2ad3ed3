import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import { bind } from "../graph/model.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { blockedKernels } from "../lower/blocked.js";
import { portableKernels } from "../lower/portable.js";
import { lowerTraining, type TrainingLoweringOptions } from "../lower/training.js";
import { activate, batchNorm, conv, dense, globalPool } from "../models/layers.js";
import { encode } from "../onnx/encode.js";
import { probeBlock } from "../runtime/probe.js";
import { directRuntime, runModel } from "../testing/direct-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { addLoss } from "./add-loss.js";
import { batchStatistics } from "./batch-statistics.js";
import { differentiate } from "./differentiate.js";

interface Recorded {
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly after: Readonly<Record<string, readonly number[]>>;
  readonly logits: readonly number[];
}

/** The network of `fixtures/training/make-batch-normalization.py`. */
function network() {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 3, 7, 9] });
  conv(net, "x", "conv", { channels: 4, kernel: 3, stride: 2 });
  batchNorm(net, "conv", "bn", { momentum: 0.9 });
  activate(net, "bn", "act", { op: "Silu" });
  globalPool(net, "act", "pool", "avg");
  return net.build([dense(net, "pool", "head", 3)]);
}

function values(shape: readonly number[], step: number, scale: number, offset = 0): Tensor {
  const at = (i: number) => (((i * step) % 61) / 61 - 0.5) * scale + offset;
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(i)) };
}

const start = new Map([
  ["conv/kernel", values([4, 3, 3, 3], 29, 1)],
  ["bn/gamma", values([4], 17, 0.4, 1)],
  ["bn/beta", values([4], 23, 0.4)],
  ["bn/moving_mean", values([4], 31, 0.2)],
  ["bn/moving_variance", values([4], 41, 0.4, 1)],
  ["head/kernel", values([4, 3], 19, 1)],
  ["head/bias", values([3], 13, 0.2)],
]);
/** As the fixture names them. */
const recordedNames: Readonly<Record<string, string>> = {
  "conv/kernel": "kernel",
  "bn/gamma": "gamma",
  "bn/beta": "beta",
  "head/kernel": "dense",
  "head/bias": "bias",
  "bn/moving_mean": "moving_mean",
  "bn/moving_variance": "moving_variance",
};
const trained = Object.keys(recordedNames).slice(0, 5);
const images = values([6, 3, 7, 9], 37, 2);

/** Of the largest value. Float32 in another order of sums, over 120 pixels and three steps of a large rate. */
const tolerance = 1e-5;

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  const size = Math.max(...expected.map(Math.abs));
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(actual[i]! - value) / size, `${what}[${i}]: ${actual[i]}, Keras ${value}`).toBeLessThan(tolerance);
  }
}

describe("batchStatistics", () => {
  it("puts the batch's mean and variance in the place of the moving ones, and tells which moves which", () => {
    const graph = network();
    const { graph: normalized, statistics } = batchStatistics(graph);
    expect(() => check(normalized)).not.toThrow();
    expect(statistics).toEqual([
      { weight: "bn/moving_mean", batch: "bn/batch_mean", momentum: 0.9 },
      { weight: "bn/moving_variance", batch: "bn/batch_variance", momentum: 0.9 },
    ]);
    expect(normalized.outputs).toEqual(["head", "bn/batch_mean", "bn/batch_variance"]);
    expect([normalized.nodes.has("bn/moving_mean"), normalized.nodes.has("bn/moving_variance")]).toEqual([
      false,
      false,
    ]);
    for (const name of ["x", "conv/kernel", "conv", "act", "pool", "head"]) {
      expect(nodeOf(normalized, name)).toEqual(nodeOf(graph, name));
    }
  });

  it.for(["portable", "blocked"] as const)(
    "trains as Keras' layer does: losses, gradients, weights and moving averages of three steps, maps %s",
    async (layout, context) => {
      const block = await probeBlock(directRuntime);
      if (layout === "blocked" && block === undefined) return context.skip("the runtime has no blocked operators");
      const kernels: TrainingLoweringOptions["kernels"] =
        layout === "portable" ? portableKernels : (onnx, batch) => blockedKernels(onnx, batch, block!);
      const path = repositoryFolder("fixtures", "training", "batch-normalization.json");
      const recorded = JSON.parse(readFileSync(path, "utf8")) as Recorded;
      const { graph: normalized, statistics } = batchStatistics(network());
      const lossy = addLoss(normalized, "head");
      const outputs = [...lossy.outputs, ...statistics.map(({ batch }) => batch)];
      const { graph, gradients } = differentiate({ ...lossy, outputs }, "loss", trained);
      const lowered = lowerTraining({ graph, weights: new Map() }, { batch: 6, trained, kernels });
      const session = await directRuntime.open(encode(lowered.onnx));
      const weights = new Map([...start].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
      for (const [step, loss] of recorded.losses.entries()) {
        const packed = trained.map((name) => {
          const data = lowered.pack(name, weights.get(name)!);
          return [name, { shape: [data.length], data }] as const;
        });
        const targets = Float32Array.from({ length: 18 }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0));
        const results = await session.run({
          x: images,
          targets: { shape: [6, 3], data: targets },
          scale: { shape: [], data: Float32Array.of(1 / 6) },
          ...Object.fromEntries(packed),
        });
        expect(results["loss"]!.data[0]! / loss).toBeCloseTo(1, 5);
        for (const name of trained) {
          const { data } = lowered.unpack(name, results[gradients.get(name)!]!.data);
          if (step === 0) expectClose(data, recorded.gradients[recordedNames[name]!]!, `gradient of ${name}`);
          const weight = weights.get(name)!.data;
          for (const [i, slope] of data.entries()) weight[i]! -= 0.5 * slope;
        }
        for (const { weight, batch, momentum } of statistics) {
          const moving = weights.get(weight)!.data;
          for (const [i, now] of results[batch]!.data.entries())
            moving[i] = momentum * moving[i]! + (1 - momentum) * now;
        }
      }
      await session.release();
      for (const [name, { data }] of weights) expectClose(data, recorded.after[recordedNames[name]!]!, name);
      const { head } = await runModel(bind(network(), weights), { x: images });
      expectClose(head!.data, recorded.logits, "logits");
    },
  );
});
