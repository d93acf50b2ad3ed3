import { SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { type LinePoint, thinLine } from "./thin-line.js";

/** Of a point to the nearest of a line's stretches. */
const distanceTo = ({ x, y }: LinePoint, line: readonly LinePoint[]): number =>
  Math.min(
    ...line.slice(1).map((b, i) => {
      const a = line[i]!;
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const along = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy)));
      return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
    }),
  );

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

  it("keeps a smooth line to half a pixel of 400, also where 100,000 points come as 200", () => {
    for (const n of [300, 100_000]) {
      const points = Array.from({ length: n }, (_, i) => ({ x: i / (n - 1), y: Math.exp((-5 * i) / (n - 1)) }));
      const thin = thinLine(points, 200);
      // The tolerance of 1/1000, and half a column more where four points stand for those of a column.
      for (let i = 0; i < n; i += 97) expect(distanceTo(points[i]!, thin)).toBeLessThan(1 / 800);
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
