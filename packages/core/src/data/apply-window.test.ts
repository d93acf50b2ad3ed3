import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { applyWindow, forEachRows, valueRange } from "./apply-window.js";
import type { Levels } from "./levels.js";
import { pixelLevels, type Samples } from "./pixel-levels.js";
import { parseSettledWindow } from "./window.js";

interface Expected {
  readonly rescaled: readonly {
    readonly low: number;
    readonly high: number;
    readonly values: readonly number[];
    readonly levels: readonly number[];
  }[];
}

const expected = JSON.parse(readFileSync(repositoryFolder("fixtures", "windows", "expected.json"), "utf8")) as Expected;

const levelsOf = (data: Samples, width = data.length): Levels =>
  pixelLevels({ data, height: data.length / width, width, channels: 1, layout: "gray" });

function grayOf(levels: Levels, window: string): number[] {
  const { height, width, readRows } = applyWindow(levels, parseSettledWindow(window));
  const rows = new Float32Array(height * width);
  readRows(0, rows);
  return [...rows];
}

describe("a window", () => {
  it.each(expected.rescaled)(
    "from $low to $high gives scikit-image's rescale_intensity",
    ({ low, high, values, levels }) => {
      const actual = grayOf(levelsOf(Float32Array.from(values)), `${low}:${high}`);
      // Values are rounded to float32 before: half a unit of the 24th digit of 70,000 is 0.004.
      for (const [i, level] of actual.entries()) expect(level).toBeCloseTo(levels[i]!, 4);
    },
  );

  it("leaves 8 bits as they are when it is full, or from 0 to 255", () => {
    const data = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const window of ["full", "0:255"]) expect(grayOf(levelsOf(data), window)).toEqual([...data]);
  });

  it("of the full type takes 16 bits as value / 257, and signed values from the smallest up", () => {
    expect(grayOf(levelsOf(Uint16Array.of(0, 257, 1000, 65535)), "full")).toEqual([0, 1, Math.fround(1000 / 257), 255]);
    expect(grayOf(levelsOf(Int16Array.of(-32768, 32767)), "full")).toEqual([0, 255]);
    expect(grayOf(levelsOf(Float32Array.of(0, 0.5, 1)), "full")).toEqual([0, 127.5, 255]);
  });

  it("of each image is that image's own range; of one value it is black", () => {
    expect(grayOf(levelsOf(Int16Array.of(-1000, 0, 2000)), "image")).toEqual([0, 85, 255]);
    expect(grayOf(levelsOf(Uint8Array.of(9, 9)), "image")).toEqual([0, 0]);
  });

  it("of the file is the one that it states, and an error where it states none", () => {
    const levels = levelsOf(Int16Array.of(-200, -160, 40, 240, 300));
    expect(grayOf({ ...levels, fileWindow: { low: -160, high: 240 } }, "dicom")).toEqual([0, 0, 127.5, 255, 255]);
    expect(() => grayOf(levels, "dicom")).toThrow(/states no window centre and width/);
  });

  it("of the file follows its sigmoid, where it states one", () => {
    const levels = { ...levelsOf(Int16Array.of(-100, 0, 100)), fileWindow: { low: -100, high: 100, isSigmoid: true } };
    const expected = [255 / (1 + Math.exp(2)), 127.5, 255 / (1 + Math.exp(-2))];
    for (const [i, level] of grayOf(levels, "dicom").entries()) expect(level).toBeCloseTo(expected[i]!, 4);
    const inverted = grayOf({ ...levels, isInverted: true }, "dicom");
    for (const [i, level] of inverted.entries()) expect(level).toBeCloseTo(expected[2 - i]!, 4);
  });

  it("is applied before large values are made dark", () => {
    const inverted = { ...levelsOf(Uint16Array.of(0, 100, 200, 300)), isInverted: true };
    expect(grayOf(inverted, "100:200")).toEqual([255, 255, expect.closeTo(0, 10), 0]);
    expect(grayOf({ ...levelsOf(Uint8Array.of(0, 255)), isInverted: true }, "full")).toEqual([255, 0]);
  });
});

describe("the rows of a picture", () => {
  it("are all seen once, also those of a large one", () => {
    const data = Uint16Array.from({ length: 300 * 700 }, (_, i) => (i * 7919) % 65536);
    const seen: number[] = [];
    forEachRows(levelsOf(data, 700), (values) => seen.push(...values));
    expect(seen).toEqual([...data]);
    expect(valueRange(levelsOf(data, 700))).toEqual({ low: 0, high: 65535 });
  });
});
