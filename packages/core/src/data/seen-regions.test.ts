import { describe, expect, it } from "vitest";
import type { GrayRows } from "./gray-rows.js";
import { type Fit, resize } from "./resize.js";
import { seenRegions } from "./seen-regions.js";

/** A picture whose levels are coordinates: each pixel's centre, along the height or the width. */
const coordinates = (height: number, width: number, axis: "y" | "x"): GrayRows => ({
  height,
  width,
  readRows(start, rows) {
    for (let i = 0; i < rows.length; i++)
      rows[i] = axis === "x" ? (i % width) + 0.5 : start + Math.floor(i / width) + 0.5;
  },
});

describe("seenRegions", () => {
  it.each<[Fit, number, number, number, number]>([
    ["stretch", 90, 60, 30, 40],
    ["crop", 90, 60, 30, 40],
    ["crop", 40, 150, 32, 32],
    ["letterbox", 90, 60, 30, 40],
    ["letterbox", 33, 100, 40, 40],
    ["letterbox", 10, 20, 64, 48],
    ["tile", 70, 45, 32, 32],
    ["tile", 20, 45, 32, 32],
  ])("says where each pixel of the plane comes from: %s, %i × %i to %i × %i", (fit, height, width, rows, columns) => {
    const regions = seenRegions({ height, width }, { height: rows, width: columns, fit });
    const planes = (["y", "x"] as const).map((axis) =>
      resize(coordinates(height, width, axis), { height: rows, width: columns, fit }),
    );
    expect(planes[0]).toHaveLength(regions.length * rows * columns);
    for (const [r, region] of regions.entries()) {
      for (let i = 0; i < rows * columns; i++) {
        const y = region.top + ((Math.floor(i / columns) + 0.5) * region.height) / rows;
        const x = region.left + (((i % columns) + 0.5) * region.width) / columns;
        const margin = Math.max(region.height / rows, region.width / columns, 1); // filters are lopsided at the border
        const isInside = y > margin && y < height - margin && x > margin && x < width - margin;
        if (!isInside) continue;
        // A triangle of few pixels leans to one side by up to 0.05 px; a region misplaced would be half a pixel off.
        expect(Math.abs(planes[0]![r * rows * columns + i]! - y)).toBeLessThan(0.1);
        expect(Math.abs(planes[1]![r * rows * columns + i]! - x)).toBeLessThan(0.1);
      }
    }
  });

  it("reaches beyond the picture where the plane has black bars", () => {
    const [region] = seenRegions({ height: 50, width: 100 }, { height: 20, width: 20, fit: "letterbox" });
    expect(region).toEqual({ top: -25, left: 0, height: 100, width: 100 });
  });
});
