/**
 * EfficientNet-Lite0 with its bundled weights against what was computed in float64 from the same stored numbers by another
 * program (fixtures/lite0/golden.py, PyTorch). ONNX Runtime computes in float32: 1.3e-6 per feature was seen there, and
 * relative to the largest value of a layer Keras' own float32 shows up to 8.6e-6; an engine that sums in another order
 * deserves three times that, 2.6e-5.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  cut,
  encode,
  foldBatchNorm,
  foldGrayscale,
  inference,
  largestDifference,
  lower,
  type Session,
} from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imagenetClasses, openBackbone } from "../backbone/open-backbone.js";
import { buildTrunk } from "../features/trunk.js";
import { createDecoder } from "../images/decode.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type Classifier, openClassifier } from "./open-classifier.js";
import { type Prediction, predict, topClasses } from "./predict.js";

const rounding = 2.6e-5;

interface GoldenRecord {
  readonly image: string;
  readonly top5: readonly number[];
  readonly top5Logits: readonly number[];
  readonly first16Features: readonly number[];
  readonly featuresL2: number;
  readonly logitsL2: number;
  /** After the stem and each of the seven stages. */
  readonly outputs: readonly { readonly shape: readonly number[]; readonly mean: number; readonly l2: number }[];
}

const golden: { readonly records: readonly GoldenRecord[] } = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "lite0", "golden.json"), "utf8"),
);
const cases = golden.records.map((record) => ({ name: /(\w+)\.png$/.exec(record.image)![1]!, record }));
const picture = (name: string) => repositoryFolder("fixtures", "lite0", `${name}.png`);

/** The last layer of the stem and of each stage. */
const stageLayers = [
  "stem_activation",
  "block1a_project_bn",
  "block2b_add",
  "block3b_add",
  "block4c_add",
  "block5c_add",
  "block6d_add",
  "block7a_project_bn",
];

const runtime = new OrtRuntime();
let classifier: Classifier;
let layers: Session;
let trunk: Session;

beforeAll(async () => {
  const { model } = await openBackbone("efficientnet-lite0", { includeTop: true });
  const folded = foldBatchNorm(cut(foldGrayscale(model), ...stageLayers, "predictions/logits"));
  classifier = await openClassifier(runtime, "efficientnet-lite0");
  layers = await runtime.open(encode(lower(folded, inference)));
  trunk = await runtime.open(
    buildTrunk(await openBackbone("efficientnet-lite0", { pooling: "avg" }), "stretch").encoded,
  );
});
afterAll(() => runtime.close());

async function planeOf(name: string) {
  const decode = await createDecoder({ height: 224, width: 224, fit: "stretch" });
  return { shape: [1, 1, 224, 224], data: (await decode(await readFile(picture(name)))).plane };
}

async function predictOne(path: string): Promise<Prediction> {
  for await (const prediction of predict(classifier, [path])) return prediction;
  throw new Error(`${path} could not be read`);
}

const l2 = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("EfficientNet-Lite0, folded to one channel, on gray pictures", () => {
  it.each(cases)("gives the stem's and each stage's output: $name", async ({ name, record }) => {
    const outputs = await layers.run({ input_layer: await planeOf(name) });
    for (const [i, { shape, mean: expectedMean, l2: expectedL2 }] of record.outputs.entries()) {
      const { shape: gotShape, data } = outputs[stageLayers[i]!]!;
      expect(gotShape.slice(1), stageLayers[i]).toEqual(shape);
      const rms = expectedL2 / Math.sqrt(data.length);
      expect(Math.abs(l2(data) - expectedL2), stageLayers[i]).toBeLessThan(rounding * expectedL2);
      expect(Math.abs(mean(data) - expectedMean), stageLayers[i]).toBeLessThan(rounding * rms);
    }
  });

  it.each(cases)("gives the features of a trunk: $name", async ({ name, record }) => {
    const { avg_pool } = await trunk.run({ input_layer: await planeOf(name) });
    const largest = avg_pool!.data.reduce((a, b) => Math.max(a, b));
    const { difference } = largestDifference(avg_pool!.data.subarray(0, 16), record.first16Features);
    expect(difference).toBeLessThan(rounding * largest);
    expect(Math.abs(l2(avg_pool!.data) - record.featuresL2)).toBeLessThan(rounding * record.featuresL2);
  });

  it.each(cases)("gives the logits: $name", async ({ name, record }) => {
    const logits = (await layers.run({ input_layer: await planeOf(name) }))["predictions/logits"]!.data;
    const largest = record.top5Logits[0]!;
    const top5 = record.top5.map((index) => logits[index]!);
    expect(largestDifference(top5, record.top5Logits).difference).toBeLessThan(rounding * largest);
    expect(Math.abs(l2(logits) - record.logitsL2)).toBeLessThan(rounding * record.logitsL2);
  });
});

describe("the classifier of the ImageNet classes", () => {
  it.each([
    ["camera", 872, "tripod"],
    ["chelsea", 285, "Egyptian cat"],
    ["coffee", 967, "espresso"],
    ["brick", 752, "racket"],
  ])("calls %s what it should be called", async (name, index, label) => {
    const prediction = await predictOne(picture(name));
    const [best] = topClasses(prediction.probabilities, classifier.classes, 1);
    expect([best!.index, best!.label.split(",")[0]]).toEqual([index, label]);
    expect(prediction.label).toBe(best!.label);
  });

  it.each(cases)("gives the five best classes with their probabilities: $name", async ({ name, record }) => {
    const { probabilities } = await predictOne(picture(name));
    const top = topClasses(probabilities, classifier.classes, 5);
    expect(top.map(({ index }) => index)).toEqual(record.top5);
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    // Of a softmax, the differences of logarithms are those of the logits, whatever the other 995 are.
    const ratios = top.map(({ probability }) => Math.log(probability / top[0]!.probability));
    const expected = record.top5Logits.map((logit) => logit - record.top5Logits[0]!);
    expect(largestDifference(ratios, expected).difference).toBeLessThan(2 * rounding * record.top5Logits[0]!);
  });

  it("has 1,000 of them, each with a name of its own place", async () => {
    const classes = await imagenetClasses();
    expect(classes).toHaveLength(1000);
    expect(classifier.classes).toEqual(classes);
    expect(classes.every((name) => typeof name === "string" && name.length > 0)).toBe(true);
  });
});
