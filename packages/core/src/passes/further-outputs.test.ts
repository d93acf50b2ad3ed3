import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "../graph/check.js";
import { conformalSet } from "../measure/conformal.js";
import { chooseBankRows, nearestRows, normalizeRows, noveltyThreshold } from "../measure/feature-bank.js";
import { sharpen } from "../measure/temperature.js";
import { SeededRandom } from "../seeded-random.js";
import { runModel } from "../testing/direct-runtime.js";
import { linearHead } from "../train/linear/linear-head.js";
import { addNovelty } from "./add-novelty.js";
import { addPredictionSet } from "./add-prediction-set.js";
import { scaleLogits } from "./scale-logits.js";

const [columns, classes, images] = [7, 3, 20];
const random = new SeededRandom(5);
const normals = (n: number) => Float32Array.from({ length: n }, () => random.normal());
const head = linearHead(normals(columns * classes), normals(classes), columns, classes);
const features = { shape: [images, columns], data: normals(images * columns) };

describe("scaleLogits", () => {
  it("sharpens the probabilities, and leaves the graph as it was", async () => {
    const scaled = scaleLogits(head, 1.6);
    expect(scaled.graph).toBe(head.graph);
    const [before, after] = [await runModel(head, { features }), await runModel(scaled, { features })];
    const expected = sharpen(before["predictions"]!.data, classes, 1.6);
    // Float32 logits below 20, times their rounding.
    for (const [i, p] of after["predictions"]!.data.entries()) expect(Math.abs(p - expected[i]!)).toBeLessThan(3e-6);
  });

  it("refuses a model that ends in no softmax of a dense layer", () => {
    const set = addPredictionSet(head, [0, 0, 0]);
    expect(() => scaleLogits({ ...set, graph: { ...set.graph, outputs: ["set"] } }, 2)).toThrow(GraphError);
  });
});

describe("addPredictionSet", () => {
  it("marks the classes whose probability reaches their threshold, and the most probable", async () => {
    const thresholds = [0.3, 0, 0.9];
    const model = addPredictionSet(head, thresholds);
    expect(() => check(model.graph)).not.toThrow();
    const { predictions, set } = await runModel(model, { features });
    expect(predictions).toEqual((await runModel(head, { features }))["predictions"]);
    for (let image = 0; image < images; image++) {
      const own = conformalSet(predictions!.data.subarray(image * classes, (image + 1) * classes), {
        thresholds: thresholds.map(Math.fround),
      });
      const marks = [...set!.data.subarray(image * classes, (image + 1) * classes)];
      expect(marks).toEqual(marks.map((_, k) => (own.includes(k) ? 1 : 0)));
    }
  });

  it("takes a probability that equals its threshold", async () => {
    const { predictions } = await runModel(head, { features });
    const { set } = await runModel(addPredictionSet(head, [...predictions!.data.slice(0, 3)]), { features });
    expect([...set!.data.slice(0, 3)]).toEqual([1, 1, 1]);
  });

  it("refuses another number of thresholds", () => {
    expect(() => addPredictionSet(head, [0.5])).toThrow("set: expected 3 thresholds, one a class, got 1");
  });
});

describe("addNovelty", () => {
  const bank = normalizeRows(normals(11 * columns), columns);
  const options = { features: "features", bank: { shape: [11, columns], data: bank.values }, threshold: 0.25 };

  it("gives the distance to the nearest row of the bank, in thresholds", async () => {
    const model = addNovelty(head, options);
    expect(() => check(model.graph)).not.toThrow();
    const { novelty } = await runModel(model, { features });
    const own = normalizeRows(features.data, columns).values;
    expect(novelty!.shape).toEqual([images]);
    for (const [i, value] of novelty!.data.entries()) {
      const [nearest] = nearestRows(bank, own.subarray(i * columns, (i + 1) * columns), { count: 1 });
      expect(Math.abs(value - nearest!.distance / 0.25)).toBeLessThan(2e-6); // float32 rounding of 1 − cosine, times 4
    }
  });

  it("is 0 for an image of the bank, and a number for features that are all 0", async () => {
    const rows = { shape: [2, columns], data: new Float32Array(2 * columns) };
    rows.data.set(bank.values.subarray(0, columns).map((value) => value * 37));
    const { novelty } = await runModel(addNovelty(head, options), { features: rows });
    expect(Math.abs(novelty!.data[0]!)).toBeLessThan(2e-6);
    expect(novelty!.data[1]).toBeCloseTo(1 / 0.25, 6); // a cosine of 0
  });

  it("refuses features of another length", () => {
    const wrong = { ...options, bank: { shape: [1, 5], data: new Float32Array(5) } };
    expect(() => addNovelty(head, wrong)).toThrow("novelty: expected features [N, 5], got features [N, 7]");
  });
});

describe("a bank of features", () => {
  it("holds all of few rows, and of many as many of one class as of another", () => {
    expect(chooseBankRows([0, 1, 1], 2, 1)).toEqual([0, 1, 2]);
    const labels = Array.from({ length: 2000 }, (_, i) => (i < 1800 ? 0 : i < 1990 ? 1 : 2));
    const rows = chooseBankRows(labels, 3, 1);
    const counts = [0, 1, 2].map((k) => rows.filter((row) => labels[row] === k).length);
    expect(counts).toEqual([312, 190, 10]);
    expect(chooseBankRows(labels, 3, 1)).toEqual(rows);
  });

  it("holds four of each class, however many there are", () => {
    const labels = Array.from({ length: 3000 }, (_, i) => i % 300);
    expect(chooseBankRows(labels, 300, 1)).toHaveLength(1200);
  });

  it("names the nearest rows in order, among those that are wanted", () => {
    const bank = normalizeRows(Float32Array.of(1, 0, 1, 1, 0, 1, -1, 0), 2);
    const near = nearestRows(bank, Float32Array.of(1, 0), { count: 2, isWanted: (row) => row !== 0 });
    expect(near.map(({ row }) => row)).toEqual([1, 2]);
    expect(near[0]!.distance).toBeCloseTo(1 - Math.SQRT1_2, 7);
  });

  it("calls a further image unknown as often as was said", () => {
    // Uniform distances: the ⌈101 · 0.95⌉ = 96th of 100 has the mean 96 / 101; 2,000 draws leave an error of 0.001.
    let above = 0;
    for (let i = 0; i < 2000; i++) {
      above +=
        1 -
        noveltyThreshold(
          Array.from({ length: 100 }, () => random.next()),
          0.05,
        );
    }
    expect(Math.abs(above / 2000 - 5 / 101)).toBeLessThan(0.002);
    expect(noveltyThreshold([0.3, 0.1], 0.01)).toBe(0.3); // too few: their largest
  });
});
