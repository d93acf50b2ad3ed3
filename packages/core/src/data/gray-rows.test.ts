import { describe, expect, it } from "vitest";
import { luma } from "./gray-rows.js";

describe("luma", () => {
  it("gives a gray that was stored as RGB back exactly, for every level", () => {
    for (let level = 0; level < 256; level++) expect(luma(level, level, level)).toBe(level);
    for (let level = 0; level < 65536; level += 257) expect(luma(level, level, level)).toBe(level);
  });

  // What Pillow 13 makes of them with convert("L"): whole levels, hence within a half.
  it.each([
    [255, 0, 0, 76],
    [0, 255, 0, 150],
    [0, 0, 255, 29],
    [12, 200, 77, 130],
    [250, 128, 114, 163],
  ])("weighs (%i, %i, %i) as Pillow does", (red, green, blue, expected) => {
    expect(Math.abs(luma(red, green, blue) - expected)).toBeLessThanOrEqual(0.5);
  });
});
