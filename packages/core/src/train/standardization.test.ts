import { describe, expect, it } from "vitest";
import { SeededRandom } from "../seeded-random.js";
import { foldStandardization, measureColumns, standardize } from "./standardization.js";

const random = new SeededRandom(5);
const [rows, columns, classes] = [50, 4, 3];
const features = Float32Array.from({ length: rows * columns }, (_, i) => 10 ** (i % columns) * (3 + random.normal()));
for (let i = 0; i < rows; i++) features[i * columns + 1] = 0.1; // A constant, whose mean is not a float32.

describe("standardization", () => {
  it("brings columns to mean 0 and deviation 1, and a constant one to 0", () => {
    const standardization = measureColumns(features, rows, columns);
    const { mean, deviation } = measureColumns(standardize(features, standardization), rows, columns);
    expect(standardization.deviation[1]).toBe(1);
    for (const j of [0, 2, 3]) {
      // Each value is rounded to float32 once.
      expect(Math.abs(mean[j]!)).toBeLessThan(1e-7);
      expect(Math.abs(deviation[j]! - 1)).toBeLessThan(1e-7);
    }
    expect(Math.abs(mean[1]!)).toBeLessThan(1e-8);
  });

  it("folds into a head that says the same about raw features", () => {
    const standardization = measureColumns(features, rows, columns);
    const kernel = Float64Array.from({ length: columns * classes }, () => random.normal());
    const bias = Float64Array.from({ length: classes }, () => random.normal());
    const folded = foldStandardization(kernel, bias, standardization);
    const logit = (x: Float32Array, w: ArrayLike<number>, b: ArrayLike<number>, i: number, k: number) =>
      Array.from({ length: columns }).reduce(
        (sum: number, _, j) => sum + x[i * columns + j]! * w[j * classes + k]!,
        b[k]!,
      );
    const x = standardize(features, standardization);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < classes; k++) {
        const expected = logit(x, kernel, bias, i, k);
        // Float32 rounding of kernel and bias, times offsets of three deviations per column.
        expect(Math.abs(logit(features, folded.kernel, folded.bias, i, k) - expected)).toBeLessThan(2e-6);
      }
    }
  });
});
