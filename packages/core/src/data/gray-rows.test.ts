import { describe, expect, it } from "vitest";
import { grayRows, luma, type Pixels } from "./gray-rows.js";

function firstRow(pixels: Pixels): number[] {
  const row = new Float32Array(pixels.width);
  grayRows(pixels).readRows(0, row);
  return [...row];
}

describe("gray rows", () => {
  it("give a gray that was stored as RGB back exactly, for every level", () => {
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
  ])("weigh (%i, %i, %i) as Pillow does", (red, green, blue, expected) => {
    expect(Math.abs(luma(red, green, blue) - expected)).toBeLessThanOrEqual(0.5);
  });

  it("keep the fractions of 16 bits", () => {
    const data = Uint16Array.of(0, 1, 257, 40000, 65535);
    const row = firstRow({ data, height: 1, width: 5, channels: 1, layout: "gray" });
    expect(row).toEqual([0, Math.fround(1 / 257), 1, Math.fround(40000 / 257), 255]);
  });

  it("ignore alpha behind gray and behind colour", () => {
    expect(firstRow({ data: Uint8Array.of(9, 0, 8, 255), height: 1, width: 2, channels: 2, layout: "gray" })).toEqual([
      9, 8,
    ]);
    const rgba = Uint8Array.of(50, 50, 50, 0, 60, 60, 60, 99);
    expect(firstRow({ data: rgba, height: 1, width: 2, channels: 4, layout: "rgb" })).toEqual([50, 60]);
  });

  it("read ink as Pillow does: no ink is white, black ink or all colours are black", () => {
    const inks = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 102, 102, 102, 0, 51, 51, 51, 127);
    const [white, key, colours, light, both] = firstRow({
      data: inks,
      height: 1,
      width: 5,
      channels: 4,
      layout: "cmyk",
    });
    expect([white, key, colours, light]).toEqual([255, 0, 0, 153]);
    expect(Math.abs(both! - 102)).toBeLessThan(1); // Pillow rounds between the steps
  });

  it("find the row they are asked for, and as many below it as there is room for", () => {
    const rows = grayRows({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 3, width: 2, channels: 1, layout: "gray" });
    const row = new Float32Array(2);
    rows.readRows(2, row);
    expect([...row]).toEqual([5, 6]);
    const two = new Float32Array(4);
    rows.readRows(1, two);
    expect([...two]).toEqual([3, 4, 5, 6]);
  });
});
