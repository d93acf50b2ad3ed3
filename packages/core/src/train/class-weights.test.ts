import { expect, it } from "vitest";
import { weightsOfClasses } from "./class-weights.js";

it("gives every class that has images the same say when balanced", () => {
  const counts = [10, 0, 30];
  const weights = weightsOfClasses(counts, "balanced");
  expect(weights).toEqual([2, 0, 40 / 60]);
  expect(counts.reduce((sum, count, k) => sum + count * weights[k]!, 0)).toBe(40);
});

it("refuses weights that are not positive numbers", () => {
  for (const wrong of [0, -1, NaN, Infinity]) {
    expect(() => weightsOfClasses([1, 1], [1, wrong])).toThrow(`head: expected class weights above 0, got ${wrong}`);
  }
});
