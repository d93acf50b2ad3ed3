import { describe, expect, it } from "vitest";
import { cutOut } from "./cut-out.js";

const plane = { values: Float32Array.from({ length: 40 * 60 }, (_, i) => i % 256), height: 40, width: 60 };

describe("cut-out", () => {
  it("hides the part that was asked for, with the mean level, and changes nothing else", () => {
    const { values } = cutOut(plane, [{ middleX: 0.5, middleY: 0.5, width: 0.25, height: 0.5 }]);
    const mean = plane.values.reduce((sum, value) => sum + value, 0) / plane.values.length;
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 60; x++) {
        const isHidden = y >= 10 && y < 30 && x >= 23 && x < 38; // 22.5 rounds up
        expect(values[y * 60 + x]).toBe(isHidden ? Math.fround(mean) : plane.values[y * 60 + x]);
      }
    }
  });

  it("hides what lies inside of a hole that reaches beyond the border, and leaves the plane that was given", () => {
    const before = plane.values.slice();
    const { values } = cutOut(plane, [
      { middleX: 0, middleY: 0, width: 0.1, height: 0.1 },
      { middleX: 3, middleY: 0.5, width: 0.1, height: 0.1 },
      { middleX: 1, middleY: 1, width: 2, height: 0.1 },
    ]);
    const changed = [...values.keys()].filter((i) => values[i] !== before[i]);
    expect(changed.filter((i) => i < 1200)).toHaveLength(2 * 3);
    expect(changed.filter((i) => i >= 1200)).toHaveLength(2 * 60);
    expect(plane.values).toEqual(before);
  });
});
