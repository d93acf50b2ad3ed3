import { describe, expect, it } from "vitest";
import { heatColor } from "./color-map.js";

/** Of the published table of 256. */
const published: readonly (readonly [number, readonly [number, number, number]])[] = [
  [0, [0, 0, 4]],
  [50, [64, 10, 103]],
  [100, [144, 37, 104]],
  [128, [188, 55, 84]],
  [200, [251, 157, 7]],
  [255, [252, 255, 164]],
];

/** CIE lightness, 0–100. Source: CIE 15:2004, §8.2.1. */
function lightness(color: readonly number[]): number {
  const [r, g, b] = color.map((level) => {
    const part = level / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

describe("heatColor", () => {
  it("is inferno, within two levels", () => {
    for (const [index, expected] of published) {
      for (const [i, level] of heatColor(index / 255).entries()) {
        expect(Math.abs(level - expected[i]!)).toBeLessThanOrEqual(2);
      }
    }
  });

  it("grows lighter all the way, by even steps", () => {
    const steps = Array.from(
      { length: 20 },
      (_, i) => lightness(heatColor((i + 1) / 20)) - lightness(heatColor(i / 20)),
    );
    for (const step of steps.slice(1)) expect(Math.abs(step - 5)).toBeLessThan(1.25); // of 100; the first is darker than the eye sees
  });

  it("keeps to its ends beyond them", () => {
    expect(heatColor(-3)).toEqual(heatColor(0));
    expect(heatColor(7)).toEqual(heatColor(1));
    expect(heatColor(Number.NaN)).toEqual(heatColor(0));
  });
});
