import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { assertUndivided } from "./gather-groups.js";
import { groupedStratifiedFolds } from "./grouped-folds.js";
import { stratifiedFolds } from "./split.js";

interface Case {
  readonly name: string;
  readonly folds: number;
  readonly labels: readonly number[];
  readonly groups: readonly number[];
  /** scikit-learn's. */
  readonly foldOf: readonly number[];
}
const path = repositoryFolder("fixtures", "splits", "folds.json");
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(readFileSync(path, "utf8"));

/**
 * Imbalance: the root mean square, over classes and folds, of the share of the class in the fold less 1 / folds.
 * 0: every class in equal parts.
 */
function imbalance(labels: readonly number[], foldOf: readonly number[], folds: number): number {
  const classes = [...new Set(labels)];
  const squares = classes.flatMap((label) => {
    const own = foldOf.filter((_, i) => labels[i] === label);
    return Array.from(
      { length: folds },
      (_, fold) => (own.filter((value) => value === fold).length / own.length - 1 / folds) ** 2,
    );
  });
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
}

describe("grouped stratified folds", () => {
  it.each(cases.map((each) => [each.name, each] as const))(
    "are whole groups, and balanced no worse than scikit-learn's: %s",
    (_, { labels, groups, folds, foldOf: reference }) => {
      const names = groups.map(String);
      for (const seed of [0, 1, 2]) {
        const foldOf = groupedStratifiedFolds(labels, names, folds, seed);
        assertUndivided(names, foldOf);
        expect(new Set(foldOf).size).toBe(folds);
        // Equal where both are perfect: then only rounding differs.
        expect(imbalance(labels, foldOf, folds)).toBeLessThanOrEqual(imbalance(labels, reference, folds) + 1e-12);
      }
    },
  );

  it("are those without groups, to the sample, where every sample is its own", () => {
    const random = new SeededRandom(5, "labels");
    const labels = Array.from({ length: 200 }, () => random.integer(7));
    const own = labels.map((_, i) => `image ${i}`);
    expect(groupedStratifiedFolds(labels, own, 5, 3)).toEqual(stratifiedFolds(labels, 5, 3));
  });

  it("are the same with the same seed and otherwise with another", () => {
    const [{ labels, groups, folds }] = cases as [Case];
    const names = groups.map(String);
    const draw = (seed: number) => groupedStratifiedFolds(labels, names, folds, seed);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("give every fold every class where there are as many groups of it", () => {
    const labels = Array.from({ length: 60 }, (_, i) => (i >= 50 ? 1 : 0));
    const groups = labels.map((label, i) => `${label}/${Math.floor(i / 2)}`); // 25 pairs of one class, 5 of the other
    const foldOf = groupedStratifiedFolds(labels, groups, 5, 0);
    expect(new Set(foldOf.slice(50)).size).toBe(5);
  });

  it.each([1, 2.5, 4])("refuse %s folds of three groups", (folds) => {
    expect(() => groupedStratifiedFolds([0, 0, 1, 1], ["a", "a", "b", "c"], folds, 1)).toThrow(InputError);
  });

  it("stay fast with many groups and classes", () => {
    const random = new SeededRandom(1, "many");
    const labels = Array.from({ length: 20_000 }, () => random.integer(10_000));
    const groups = labels.map((_, i) => String(i >> 1));
    const start = performance.now();
    groupedStratifiedFolds(labels, groups, 5, 0);
    expect(performance.now() - start).toBeLessThan(10_000); // 0.2 s on an idle core; quadratic would be minutes
  });
});
