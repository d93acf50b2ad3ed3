import { describe, expect, it } from "vitest";
import { applyWindow } from "./apply-window.js";
import { type Pixels, pixelLevels } from "./pixel-levels.js";

function firstRow(pixels: Pixels): number[] {
  const row = new Float32Array(pixels.width);
  pixelLevels(pixels).readValues(0, row);
  return [...row];
}

describe("decoded pixels", () => {
  it("keep the values of their type", () => {
    const data = Uint16Array.of(0, 1, 257, 40000, 65535);
    const pixels: Pixels = { data, height: 1, width: 5, channels: 1, layout: "gray" };
    expect(firstRow(pixels)).toEqual([...data]);
    expect(pixelLevels(pixels)).toMatchObject({ samples: "uint16", range: { low: 0, high: 65535 } });
    const row = new Float32Array(5);
    applyWindow(pixelLevels(pixels), { kind: "full" }).readRows(0, row);
    expect([...row]).toEqual([0, Math.fround(1 / 257), 1, Math.fround(40000 / 257), 255]);
  });

  it.each([
    [Int8Array.of(-128, 127), "int8"],
    [Int16Array.of(-1000, 2000), "int16"],
    [Int32Array.of(-70000, 70000), "int32"],
    [Uint32Array.of(0, 70000), "uint32"],
    [Float32Array.of(-20.5, 83.25), "float32"],
    [Float64Array.of(-20.5, 83.25), "float64"],
  ])("of the kind %j are %s", (data, samples) => {
    const pixels: Pixels = { data, height: 1, width: 2, channels: 1, layout: "gray" };
    expect(firstRow(pixels)).toEqual([...data]);
    expect(pixelLevels(pixels).samples).toBe(samples);
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
    const levels = pixelLevels({
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
      height: 3,
      width: 2,
      channels: 1,
      layout: "gray",
    });
    const row = new Float32Array(2);
    levels.readValues(2, row);
    expect([...row]).toEqual([5, 6]);
    const two = new Float32Array(4);
    levels.readValues(1, two);
    expect([...two]).toEqual([3, 4, 5, 6]);
  });
});
