import { describe, expect, it } from "vitest";
import { SeededRandom } from "../seeded-random.js";
import { conformalSet, fitConformalSets, measureCoverage } from "./conformal.js";

/** Images of classes 0 and 1, whose class has a uniform probability. */
function drawn(n: number, seed: number) {
  const random = new SeededRandom(seed);
  const labels = Array.from({ length: n }, () => random.integer(2));
  const probabilities = new Float32Array(2 * n);
  for (const [i, label] of labels.entries()) {
    probabilities[2 * i + label] = random.next();
    probabilities[2 * i + 1 - label] = 1 - probabilities[2 * i + label]!;
  }
  return { labels, probabilities };
}

describe("conformal sets", () => {
  it("take the ⌊(n + 1)·α⌋-th smallest probability of each class", () => {
    const labels = new Array<number>(19).fill(0);
    const probabilities = Float32Array.from({ length: 38 }, (_, i) => (i % 2 === 0 ? (i / 2 + 1) / 20 : 0));
    expect(fitConformalSets(labels, probabilities, 2, 0.1).thresholds[0]).toBe(Math.fround(2 / 20));
    expect(fitConformalSets(labels, probabilities, 2, 0.3).thresholds[0]).toBe(Math.fround(6 / 20)); // 20 · 0.3 is 6, not 5.999…
  });

  it("hold every class of which too few images were seen", () => {
    const { thresholds } = fitConformalSets([0, 0, 0], Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.3), 2, 0.1);
    expect(thresholds).toEqual([0, 0]);
    expect(conformalSet(Float32Array.of(1, 0), { thresholds })).toEqual([0, 1]);
  });

  it("cover what was promised, each class, on images that were not seen", () => {
    // Over 400 calibrations the mean coverage lies within 1 − α … 1 − α + 1 / (n + 1); the mean's own error is about 0.002.
    let covered = [0, 0];
    const repeats = 400;
    for (let seed = 0; seed < repeats; seed++) {
      const seen = drawn(100, seed);
      const sets = fitConformalSets(seen.labels, seen.probabilities, 2, 0.2);
      const fresh = drawn(100, seed + repeats);
      const { perClass } = measureCoverage(fresh.labels, fresh.probabilities, sets);
      covered = covered.map((sum, k) => sum + perClass[k]! / repeats);
    }
    for (const mean of covered) {
      expect(mean).toBeGreaterThan(0.8 - 0.006);
      expect(mean).toBeLessThan(0.8 + 0.03);
    }
  });

  it("are measured by coverage, size, and how many are single; none is empty", () => {
    const sets = { alpha: 0.1, thresholds: [0.5, 0.5, 0.1] };
    const probabilities = Float32Array.of(0.6, 0.3, 0.1, 0.4, 0.55, 0.05, 0.48, 0.47, 0.05);
    // {0, 2}, {1}, and the most probable class alone: {0}
    expect(measureCoverage([0, 0, 1], probabilities, sets)).toEqual({
      ...{ images: 3, coverage: 1 / 3, perClass: [0.5, 0, Number.NaN], size: 4 / 3, single: 2 / 3 },
    });
  });
});
