import { bind, fullWindow, GraphBuilder } from "@grayling/core";
import { expect, it } from "vitest";
import { resolveOptions } from "../train-options.js";
import { type TrainingFacts, trainingKey } from "./training-key.js";

const net = new GraphBuilder();
const graph = net.build([net.add("Input", "input", [], { shape: ["N", 1, 2, 2] })]);
const model = bind(graph, new Map());
const split = { below: undefined, above: model, cut: "input" };
const head = (value: number) => ({
  graph,
  weights: new Map([["kernel", { shape: [1], data: Float32Array.of(value) }]]),
});
const labels = [0, 1];
const rows = { labels, read: async () => ({ shape: [0], data: new Float32Array() }) };

const facts: TrainingFacts = {
  trunk: { key: "trunk" },
  options: resolveOptions({ unfreeze: "all", bn: "train", weights: "random" }),
  dataset: { images: labels.map((label) => ({ path: `${label}.png`, relative: `${label}.png`, label, split: null })) },
  chosen: { window: fullWindow },
  features: { values: Float32Array.of(1, 2, 3) },
};

const keyOf = (more: Partial<TrainingFacts> = {}, value = 1, kernels = "blocked") =>
  trainingKey({ ...facts, ...more }, { split }, head(value), { training: rows, validation: undefined }, kernels);

it("is the same for the same training, and another one for other images, options, heads or kernels", () => {
  expect(keyOf()).toBe(keyOf());
  const options = (more: object) => resolveOptions({ unfreeze: "all", bn: "train", weights: "random", ...more });
  const keys = [
    keyOf(),
    keyOf({}, 2),
    keyOf({}, 1, "portable"),
    keyOf({ trunk: { key: "other" } }),
    keyOf({ features: { values: Float32Array.of(1, 2, 4) } }), // the same names, other pictures: all that tells a fresh head's training
    keyOf({
      dataset: { images: facts.dataset.images.map((image) => ({ ...image, relative: `new ${image.relative}` })) },
    }),
    ...[{ seed: 1 }, { batch: 8 }, { learningRate: 0.1 }, { validation: 0.3 }, { folds: 3 }, { group: "a" }].map(
      (more) => keyOf({ options: options(more) }),
    ),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
