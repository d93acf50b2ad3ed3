import { SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { defects } from "./defects.js";
import { planeOf } from "./plane.js";

describe.each(Object.entries(defects))("%s", (_, paint) => {
  it.each([
    [112, 112],
    [256, 130],
  ])("mark a part of %i × %i px, never nothing and never nearly all, and stay within −1 to 1", (width, height) => {
    for (let seed = 0; seed < 25; seed++) {
      const plane = planeOf(width, height, () => 0);
      paint(plane, 0.3, new SeededRandom(seed));
      const marked = plane.values.filter((level) => Math.abs(level) > 0.2).length / plane.values.length;
      expect(marked).toBeGreaterThan(0.0005);
      expect(marked).toBeLessThan(0.6);
      for (const level of plane.values) if (!(Math.abs(level) <= 1)) expect.fail(`level ${level}`);
    }
  });
});
