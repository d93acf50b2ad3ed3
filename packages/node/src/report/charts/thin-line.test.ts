import { SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { type LinePoint, thinLine } from "./thin-line.js";

/** The height of a line of rising x, by what lies on either side. */
function heightAt(points: readonly LinePoint[], x: number): number {
  const after = points.findIndex((point) => point.x >= x);
  const [a, b] = [points[Math.max(0, after - 1)]!, points[after]!];
  return b.x === a.x ? b.y : a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
}

describe("thinning a line", () => {
  it("keeps the corners of straight lines, and nothing between them", () => {
    const points = Array.from({ length: 101 }, (_, i) => ({ x: i, y: Math.abs(i - 40) }));
    expect(thinLine(points, 200)).toEqual([points[0], points[40], points[100]]);
  });

  it("leaves at most as many points as wanted, the first and the last among them, in their order", () => {
    const random = new SeededRandom(1);
    const points = Array.from({ length: 50_000 }, (_, i) => ({ x: i, y: random.next() }));
    const thin = thinLine(points, 200);
    expect(thin.length).toBeLessThanOrEqual(200);
    expect(thin[0]).toBe(points[0]);
    expect(thin.at(-1)).toBe(points.at(-1));
    for (let i = 1; i < thin.length; i++) expect(thin[i]!.x).toBeGreaterThan(thin[i - 1]!.x);
  });

  it("keeps a smooth line to a pixel of 400, also where 100,000 points come as 200", () => {
    for (const n of [300, 100_000]) {
      const points = Array.from({ length: n }, (_, i) => ({ x: i / (n - 1), y: Math.exp((-5 * i) / (n - 1)) }));
      const thin = thinLine(points, 200);
      // Beyond 4,000 points the first, lowest, highest and last of a column of 1/1000 stand for it.
      for (let i = 0; i < n; i += 97) {
        expect(Math.abs(heightAt(thin, points[i]!.x) - points[i]!.y)).toBeLessThan(1 / 400);
      }
    }
  });

  it("takes steps as they are, and lines of one or two points", () => {
    const steps = [0, 0, 1, 1, 2].map((y, i) => ({ x: Math.ceil(i / 2), y }));
    expect(thinLine(steps, 200)).toEqual(steps);
    expect(thinLine(steps.slice(0, 1), 200)).toEqual(steps.slice(0, 1));
    expect(thinLine(steps.slice(0, 2), 2)).toEqual(steps.slice(0, 2));
    expect(thinLine([], 2)).toEqual([]);
  });
});
