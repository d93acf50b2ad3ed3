import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../graph/graph.js";
import { type Model, weightOf } from "../../graph/model.js";
import { efficientNet } from "../../models/efficientnet.js";
import { dense } from "../../models/layers.js";
import { directRuntime, planes } from "../../testing/direct-runtime.js";
import { goldenModel } from "../../testing/golden-model.js";
import { goldenGray } from "../../testing/golden-values.js";
import { sharedFolder } from "../../testing/shared-folder.js";
import { toKeras } from "../../weights/layout.js";
import { variableOfWeight } from "../../weights/weight-name.js";
import { targetsOf } from "./mix-batch.js";
import { NetworkTrainer, type TrainerState } from "./network-trainer.js";
import { prepareNetwork } from "./prepare-network.js";
import type { TrainerOptions } from "./trainer-options.js";

interface Recorded {
  readonly losses: readonly number[];
  readonly variables: Readonly<Record<string, { afterFirst: readonly number[] }>>;
  readonly kernelAfterFirst12: readonly number[];
  readonly biasAfter: readonly number[];
}

/** B0 in three channels and a dense layer of three classes, with the fixtures' weights. */
function network(): { readonly backbone: Model; readonly head: Model } {
  const backbone = goldenModel(
    efficientNet("efficientnet-b0", { height: 64, width: 64, includeTop: false, pooling: "avg" }),
  );
  const net = new GraphBuilder();
  net.add("Input", "features", [], { shape: ["N", 1280] });
  dense(net, "features", "head", 3, { op: "Softmax" });
  return { backbone, head: goldenModel(net.build(["head"])) };
}

const labels = Array.from({ length: 8 }, (_, n) => n % 3);
const batch = {
  input: planes(goldenGray(8, 64, 64), [8, 64, 64], 1),
  targets: targetsOf(labels, [1, 1, 1], 0),
  rows: 8,
};

const layouts = {
  portable: { name: "portable" },
  "blocked by 16": { name: "blocked", block: 16 },
} as const satisfies Record<string, TrainerOptions["kernels"]>;

const plain = { optimizer: "sgd", limits: {}, seed: 0 } as const satisfies Partial<TrainerOptions>;

const recorded = (): Record<string, Recorded> | undefined => {
  const path = sharedFolder("golden", "keras-training.json");
  return path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8"));
};
const missing = "no file shared/golden/keras-training.json beside the repository";

describe("a network in training", () => {
  it.for(
    Object.entries(layouts).flatMap(([name, kernels]) => [
      [name, kernels, 8] as const,
      [`${name}, in parts of 3`, kernels, 3] as const,
    ]),
  )("moves every variable as Keras does with frozen normalizations, maps %s", async ([, kernels, images], context) => {
    const truth = recorded()?.["fineTuneSgd"];
    if (!truth) return context.skip(missing);
    const { backbone, head } = network();
    const prepared = prepareNetwork(backbone, head, { unfreeze: "all", stochasticDepth: false });
    const trainer = await NetworkTrainer.open(directRuntime, prepared, { ...plain, kernels, images });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) losses.push((await trainer.learn(batch, 1e-3)).loss);
    const logits = await trainer.evaluate(batch.input);
    losses.push(crossEntropy(logits));
    await trainer.release();
    // Sums in another order, three steps deep: 2e-5 of the loss was seen.
    for (const [step, loss] of losses.entries()) expect(loss / truth.losses[step]!).toBeCloseTo(1, 4);
    const trained = trainer.trained();
    expect(Object.keys(truth.variables)).toHaveLength(115);
    for (const [name, { afterFirst }] of Object.entries(truth.variables)) {
      const layer = trained.graph.nodes.get(name)!.layer!;
      const { data } = toKeras(layer.className, variableOfWeight(name), weightOf(trained, name));
      const size = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
      for (const [i, value] of afterFirst.entries()) {
        expect(Math.abs(data[i]! - value) / size, `${name}[${i}]: ${data[i]}, Keras ${value}`).toBeLessThan(2e-5);
      }
    }
  });

  it.for([
    ["headSgd", "sgd", 0.01],
    ["headAdam", "adam", 1e-3],
    ["headAdamW", "adamw", 1e-3],
  ] as const)(
    "trains a head alone on what lies below it as Keras does: %s",
    async ([name, optimizer, rate], context) => {
      const truth = recorded()?.[name];
      if (!truth) return context.skip(missing);
      const { backbone, head } = network();
      const prepared = prepareNetwork(backbone, head, { unfreeze: "head" });
      expect(prepared.split.cut).toBe("avg_pool");
      const features = await featuresOf(prepared.split.below!);
      const trainer = await NetworkTrainer.open(directRuntime, prepared, {
        ...{ kernels: { name: "portable" }, images: 8, optimizer, limits: {}, seed: 0 },
        // Keras' decays biases too; ours spares them, so that the bias is compared for the others alone.
        weightDecay: optimizer === "adamw" ? 0.05 : undefined,
      });
      for (const loss of truth.losses.slice(0, -1)) {
        expect((await trainer.learn({ ...batch, input: features }, rate)).loss / loss).toBeCloseTo(1, 4);
      }
      await trainer.release();
      const kernel = weightOf(trainer.trained(), "head/kernel").data;
      for (const [i, value] of truth.kernelAfterFirst12.entries()) expect(kernel[i]).toBeCloseTo(value, 5);
    },
  );

  it("goes on from a state as if it had never stopped, bit for bit", async () => {
    const { backbone, head } = network();
    const prepared = prepareNetwork(backbone, head, { unfreeze: "block6" });
    const features = await featuresOf(prepared.split.below!);
    const options = { ...plain, kernels: layouts.portable, images: 8, optimizer: "adamw", average: 0.9 } as const;
    const steps = async (trainer: NetworkTrainer, count: number) => {
      for (let i = 0; i < count; i++) await trainer.learn({ ...batch, input: features }, 1e-3);
    };
    const whole = await NetworkTrainer.open(directRuntime, prepared, options);
    await steps(whole, 4);
    const first = await NetworkTrainer.open(directRuntime, prepared, options);
    await steps(first, 2);
    const second = await NetworkTrainer.open(directRuntime, prepared, options);
    second.restore(first.state());
    await steps(second, 2);
    expect(bytesOf(second.state())).toEqual(bytesOf(whole.state()));
    expect(second.state().moments.size).toBeGreaterThan(20);
    expect([...(await second.evaluate(features))]).toEqual([...(await whole.evaluate(features))]);
    for (const trainer of [whole, first, second]) await trainer.release();
  });
});

/** A checksum of each tensor: comparing millions of numbers one by one takes half a minute. */
const bytesOf = ({ step, weights, moments, average }: TrainerState) => {
  const sums = [weights, moments, average].map((tensors) =>
    [...tensors].map(([name, { shape, data }]) => [name, shape, createHash("sha256").update(data).digest("hex")]),
  );
  return { step, sums };
};

async function featuresOf(below: Model) {
  const { runModel } = await import("../../testing/direct-runtime.js");
  const outputs = await runModel(below, { input_layer: batch.input });
  return outputs[below.graph.outputs[0]!]!;
}

function crossEntropy(logits: Float32Array): number {
  return (
    labels.reduce((sum, label, row) => {
      const own = logits.slice(row * 3, row * 3 + 3);
      return sum + Math.log(own.reduce((total, value) => total + Math.exp(value), 0)) - own[label]!;
    }, 0) / labels.length
  );
}
