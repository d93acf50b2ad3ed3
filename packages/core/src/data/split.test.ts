import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { stratifiedFolds, stratifiedSplit } from "./split.js";

/** 60 label lists of every kind: sizes 2–200, 1–9 classes, some of them rare. */
function manyLabels(): number[][] {
  const random = new SeededRandom(7, "labels");
  return Array.from({ length: 60 }, () => {
    const classes = 1 + random.integer(9);
    return Array.from({ length: 2 + random.integer(199) }, () => Math.floor(classes * random.next() ** 2));
  });
}

function countByClass(labels: readonly number[], chosen: (index: number) => boolean): Map<number, number> {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const [index, label] of labels.entries()) if (chosen(index)) counts.set(label, counts.get(label)! + 1);
  return counts;
}

describe("stratified split", () => {
  it("gives every class with two samples at least one on each side, and close to its share", () => {
    for (const labels of manyLabels()) {
      for (const fraction of [0.01, 0.2, 0.5, 0.95]) {
        const validates = stratifiedSplit(labels, fraction, 3);
        const sizes = countByClass(labels, () => true);
        for (const [label, taken] of countByClass(labels, (index) => validates[index]!)) {
          const size = sizes.get(label)!;
          if (size === 1) expect(taken).toBe(0);
          else expect(taken).toBe(Math.min(Math.max(Math.round(size * fraction), 1), size - 1));
        }
      }
    }
  });

  it("draws the same with the same seed and otherwise with another", () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 3);
    expect(stratifiedSplit(labels, 0.2, 1)).toEqual(stratifiedSplit(labels, 0.2, 1));
    expect(stratifiedSplit(labels, 0.2, 1)).not.toEqual(stratifiedSplit(labels, 0.2, 2));
  });

  it("draws a class the same when another class is added", () => {
    const labels = Array.from({ length: 60 }, (_, i) => i % 3);
    const more = [...labels, ...Array<number>(20).fill(3)];
    expect(stratifiedSplit(more, 0.25, 5).slice(0, 60)).toEqual(stratifiedSplit(labels, 0.25, 5));
  });

  it("draws each sample about equally often over the seeds", () => {
    const hits = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 1000; seed++) {
      for (const [index, taken] of stratifiedSplit(Array(20).fill(0), 0.25, seed).entries()) {
        if (taken) hits[index]!++;
      }
    }
    // Binomial with n 1000, p ¼: standard deviation 13.7; five of them.
    for (const count of hits) expect(Math.abs(count - 250)).toBeLessThan(69);
  });

  it("takes nothing with fraction 0 and refuses fractions that leave nothing to train on", () => {
    expect(stratifiedSplit([0, 0, 1], 0, 1)).toEqual([false, false, false]);
    for (const fraction of [1, -0.1, 20, Number.NaN]) {
      expect(() => stratifiedSplit([0, 0, 1, 1], fraction, 1)).toThrow(InputError);
    }
  });
});

describe("stratified folds", () => {
  it("balance every class and the whole within one sample", () => {
    for (const labels of manyLabels()) {
      for (const folds of [2, 3, 5].filter((count) => count <= labels.length)) {
        const foldOf = stratifiedFolds(labels, folds, 11);
        const perFold = Array.from({ length: folds }, (_, fold) =>
          countByClass(labels, (index) => foldOf[index] === fold),
        );
        const totals = perFold.map((counts) => [...counts.values()].reduce((a, b) => a + b, 0));
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(1);
        for (const label of new Set(labels)) {
          const counts = perFold.map((fold) => fold.get(label)!);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it("are the same with the same seed and otherwise with another", () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 4);
    expect(stratifiedFolds(labels, 5, 1)).toEqual(stratifiedFolds(labels, 5, 1));
    expect(stratifiedFolds(labels, 5, 1)).not.toEqual(stratifiedFolds(labels, 5, 2));
  });

  it.each([0, 1, 2.5, 5])("refuse %s folds of four samples", (folds) => {
    expect(() => stratifiedFolds([0, 0, 1, 1], folds, 1)).toThrow(InputError);
  });
});
