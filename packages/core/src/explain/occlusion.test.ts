import { describe, expect, it } from "vitest";
import { type ClassifyPlanes, occlusion } from "./occlusion.js";

const size = { height: 10, width: 14 };
const pixels = size.height * size.width;

/** Two classes: the level of pixel (row 3, column 12) / 255, and the rest. */
function watching(calls: number[]): ClassifyPlanes {
  return async (planes, count) => {
    calls.push(count);
    const levels = Array.from({ length: count }, (_, i) => planes[i * pixels + 3 * size.width + 12]! / 255);
    return Float32Array.from(levels.flatMap((level) => [level, 1 - level]));
  };
}

const plane = () => new Float32Array(pixels).fill(20).with(3 * size.width + 12, 255);

describe("occlusion", () => {
  it("finds the one patch that the probability depends on, and how much it loses", async () => {
    const options = { ...size, rows: 3, columns: 4, reach: 0 };
    const map = await occlusion(watching([]), plane(), 0, options);
    const mean = (20 * (pixels - 1) + 255) / pixels;
    const expected = new Float32Array(12).with(1 * 4 + 3, 1 - mean / 255); // rows 3–6, columns 11–13
    for (const [i, value] of map.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    const other = await occlusion(watching([]), plane(), 1, options);
    for (const [i, value] of other.entries()) expect(value).toBeCloseTo(-expected[i]!, 6);
  });

  it("runs in batches, the whole plane with the last, and leaves the plane as it was", async () => {
    const calls: number[] = [];
    const levels = plane();
    await occlusion(watching(calls), levels, 0, { ...size, rows: 5, columns: 5, batch: 8 });
    expect(calls).toEqual([8, 8, 8, 2]);
    expect(levels).toEqual(plane());
  });

  it("covers every pixel once without reach, and half a cell more on each side by default", async () => {
    let covered = new Float32Array(pixels);
    const black = new Float32Array(pixels).with(0, 255);
    const count: ClassifyPlanes = async (planes, n) => {
      for (let i = 0; i < n * pixels; i++) if (planes[i] !== black[i % pixels]) covered[i % pixels]!++;
      return new Float32Array(2 * n);
    };
    await occlusion(count, black, 0, { ...size, rows: 3, columns: 5, reach: 0 });
    expect(covered).toEqual(new Float32Array(pixels).fill(1));
    covered = new Float32Array(pixels);
    await occlusion(count, black, 0, { ...size, rows: 1, columns: 2 }); // 7 px wide and 3.5 more, rounded
    expect([...covered.subarray(0, size.width)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1]);
  });

  it("refuses more patches than pixels, and none", async () => {
    await expect(occlusion(watching([]), plane(), 0, { ...size, rows: 11 })).rejects.toThrow(
      "occlusion: expected at most 10 × 14 cells, got 11 × 7",
    );
    await expect(occlusion(watching([]), plane(), 0, { ...size, rows: 0 })).rejects.toThrow("got 0 × 7");
  });
});
