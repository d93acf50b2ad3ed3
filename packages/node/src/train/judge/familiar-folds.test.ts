import type { SplitSide } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { familiarFolds } from "./familiar-folds.js";

/** 40 images of two classes and one of a third: 30 and that one train, 6 validate, 4 are tested. */
const sides: SplitSide[] = Array.from({ length: 41 }, (_, i) =>
  i < 30 || i === 40 ? "train" : i < 36 ? "val" : "test",
);
const labels = sides.map((_, i) => (i === 40 ? 2 : i % 2));
const table = { values: new Float32Array(41), columns: 1, labels };
const options = { sides, crossValidated: undefined, isTuned: false, seed: 0 };

describe("the folds of familiar images", () => {
  it("are one of those that validate, and five of those that train; a class of one image is familiar to none", () => {
    const foldOf = familiarFolds(table, options);
    expect(foldOf.slice(30, 36)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(foldOf.slice(36)).toEqual(new Array(5).fill(undefined));
    for (const fold of [1, 2, 3, 4, 5]) {
      const own = foldOf.flatMap((one, i) => (one === fold ? [labels[i]] : []));
      expect(own.filter((label) => label === 0)).toHaveLength(3);
      expect(own).toHaveLength(6);
    }
  });

  it("leave out what trained the network", () => {
    const foldOf = familiarFolds(table, { ...options, isTuned: true });
    expect(foldOf.slice(0, 30)).toEqual(new Array(30).fill(undefined));
    expect(foldOf.slice(30, 36)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("divide no group", () => {
    const groups = sides.map((_, i) => `patient ${i % 7}`);
    const foldOf = familiarFolds({ ...table, groups }, options).slice(0, 30);
    for (let patient = 0; patient < 7; patient++) {
      expect(new Set(foldOf.filter((_, i) => i % 7 === patient)).size).toBe(1);
    }
  });

  it("are those of a cross-validation where there is one", () => {
    const foldOf = Array.from({ length: 37 }, (_, row) => row % 3);
    const crossValidated = { foldOf, folds: [], probabilities: new Float32Array(0), heads: [] };
    const own = familiarFolds(table, { ...options, crossValidated });
    expect(own.filter((fold) => fold !== undefined)).toEqual(foldOf);
    expect(own.slice(36, 40)).toEqual(new Array(4).fill(undefined));
  });
});
