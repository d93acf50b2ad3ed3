import { expect, it } from "vitest";
import { classRule, quantileBins } from "./class-rule.js";
import { wilsonInterval } from "./wilson-interval.js";

it.each<[string, string[], number[], number, number]>([
  ["always right", ["x", "x", "y", "y"], [0, 0, 1, 1], 1, 0.5],
  ["of values that occur once nothing", ["p", "q", "r", "s"], [0, 0, 1, 1], 0, 0.5],
  ["of one value for all no more than the commonest class", ["x", "x", "x", "x"], [0, 0, 0, 1], 0.75, 0.75],
  ["a tie is not right", ["x", "x", "y", "y", "y"], [0, 1, 1, 1, 1], 0.6, 0.8],
  ["a majority of one is a tie once it is left out", ["x", "x", "x"], [0, 0, 1], 0, 2 / 3],
])("says %s", (_, values, labels, accuracy, majority) => {
  const rule = classRule(values, labels);
  expect(rule.accuracy).toBeCloseTo(accuracy, 12);
  expect(rule.majority).toBeCloseTo(majority, 12);
  expect(rule.gain).toBeCloseTo(Math.max(0, (accuracy - majority) / (1 - majority)), 12);
});

it("is what leaving each one out by hand gives", () => {
  const values = Array.from({ length: 97 }, (_, i) => `${(i * i) % 7}`);
  const labels = values.map((value, i) => (i % 5 === 0 ? i % 3 : Number(value) % 3));
  let right = 0;
  for (const [i, value] of values.entries()) {
    const counts = [0, 1, 2].map(
      (label) => values.filter((other, j) => j !== i && other === value && labels[j] === label).length,
    );
    const own = counts[labels[i]!]!;
    if (counts.every((count, label) => label === labels[i] || count < own)) right++;
  }
  expect(classRule(values, labels).accuracy).toBeCloseTo(right / 97, 12);
});

it("bins hold about as many each, and never divide one number", () => {
  const numbers = Array.from({ length: 500 }, (_, i) => (i < 200 ? 7 : i));
  const bins = quantileBins(numbers);
  expect(new Set(bins.slice(0, 200)).size).toBe(1);
  const sizes = [...new Set(bins)].map((bin) => bins.filter((other) => other === bin).length);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
});

it.each([
  // SciPy 1: binomtest(x, n).proportion_ci(method="wilson")
  [10, 20, 0.299298, 0.700702],
  [0, 10, 0, 0.2775328],
  [95, 100, 0.8882495, 0.9784563],
])("gives Wilson's interval of %d in %d", (right, count, low, high) => {
  const interval = wilsonInterval(right, count);
  expect(interval.low).toBeCloseTo(low, 5);
  expect(interval.high).toBeCloseTo(high, 5);
});
