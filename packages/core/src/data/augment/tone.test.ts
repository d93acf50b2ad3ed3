import { describe, expect, it } from "vitest";
import { formulaPlane, readAugmentFixture } from "../../testing/augment-fixture.js";
import { meanLevel } from "./gray-plane.js";
import { changeBrightness, changeContrast, changeGamma } from "./tone.js";

describe("brightness", () => {
  it("lies at most one level above what Keras gives by way of Pillow, which cuts fractions of levels", () => {
    for (const { height, width, factor, values } of readAugmentFixture().brightness) {
      const changed = changeBrightness(formulaPlane({ height, width }), factor).values;
      for (const [i, level] of values.entries()) {
        expect(changed[i]! - level).toBeGreaterThan(-1e-3);
        expect(changed[i]! - level).toBeLessThan(1);
      }
    }
  });
});

describe("contrast", () => {
  it("keeps the mean and scales the distance to it", () => {
    const plane = { values: Float32Array.of(100, 110, 120, 130), height: 2, width: 2 };
    const changed = changeContrast(plane, 1.5);
    expect([...changed.values]).toEqual([92.5, 107.5, 122.5, 137.5]);
    expect(meanLevel(changeContrast(plane, 0))).toBe(115);
  });
});

describe("gamma", () => {
  it.each([0.25, 0.5, 0.8, 1, 1.25, 2, 4])(
    "%s is the power, within 0.01 levels, at fractions of levels as well",
    (gamma) => {
      const values = Float32Array.from({ length: 51_001 }, (_, i) => i / 200);
      const { values: changed } = changeGamma({ values, height: 1, width: values.length }, gamma);
      let largest = 0;
      for (const [i, level] of values.entries()) {
        largest = Math.max(largest, Math.abs(changed[i]! - 255 * (level / 255) ** gamma));
      }
      expect(largest).toBeLessThan(0.01);
      expect([changed[0], changed.at(-1)]).toEqual([0, 255]);
    },
  );
});

describe("every tone", () => {
  it("stays within 0–255", () => {
    const plane = { values: Float32Array.of(0, 255, 200, 3), height: 2, width: 2 };
    for (const change of [changeBrightness, changeContrast, changeGamma]) {
      for (const amount of [0, 0.1, 5, 1000]) {
        const { values } = change(plane, amount);
        expect(values.every((level) => level >= 0 && level <= 255)).toBe(true);
      }
    }
  });
});
