import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { applyWindow } from "./apply-window.js";
import type { GrayRows } from "./gray-rows.js";
import { interpolations } from "./interpolation.js";
import { type Pixels, pixelLevels } from "./pixel-levels.js";
import { createResize, type Fit, resize } from "./resize.js";

interface Case {
  readonly fit: Fit;
  readonly source: [height: number, width: number];
  readonly target: [height: number, width: number];
  readonly values: number[];
}

const recorded = JSON.parse(readFileSync(repositoryFolder("fixtures", "resize", "expected.json"), "utf8")) as {
  cases: Case[];
  nearest: Case[];
  /** Which pixel of `side` each of `size` is. */
  places: [side: number, size: number, places: number[]][];
};

/** The formula of fixtures/resize/make.py. */
function plane(height: number, width: number): GrayRows {
  const level = (i: number): number => {
    const [y, x] = [Math.floor(i / width), i % width];
    return (y * y * 7 + x * x * 3 + x * y * 5 + 11 * x) % 256;
  };
  const data = Uint8Array.from({ length: height * width }, (_, i) => level(i));
  return rowsOf({ data, height, width });
}

function rowsOf(pixels: Pick<Pixels, "data" | "height" | "width">): GrayRows {
  return applyWindow(pixelLevels({ ...pixels, channels: 1, layout: "gray" }), { kind: "full" });
}

function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
}

describe("resize", () => {
  // 5e-5 is the rounding of the recorded numbers, the rest float32 on levels up to 255 between Pillow's two passes.
  it.each(recorded.cases.map((one) => [one.fit, one.source.join(" × "), one.target.join(" × "), one] as const))(
    "does a %s from %s to %s as Pillow does",
    (_fit, _source, _target, { fit, source, target, values }) => {
      const actual = resize(plane(...source), { height: target[0], width: target[1], fit });
      expect(worstDifference(actual, values)).toBeLessThan(1.5e-4);
    },
  );

  it.each(recorded.nearest.map((one) => [one.fit, one.source.join(" × "), one.target.join(" × "), one] as const))(
    "does a %s from %s to %s with nearest exactly as Pillow does",
    (_fit, _source, _target, { fit, source, target, values }) => {
      const framing = { height: target[0], width: target[1], fit, interpolation: "nearest" } as const;
      expect(Array.from(resize(plane(...source), framing))).toEqual(values);
    },
  );

  it.each(recorded.places)(
    "takes with nearest of %s pixels in a row those %s that Pillow takes",
    (side, size, places) => {
      const row = rowsOf({ data: Uint16Array.from({ length: side }, (_, x) => x), height: 1, width: side });
      const actual = resize(row, { height: 1, width: size, fit: "stretch", interpolation: "nearest" });
      expect(Array.from(actual, (level) => Math.round(level * 257))).toEqual(places);
    },
  );

  it.each(["stretch", "crop", "letterbox"] as const)("leaves a picture of the right size as it is (%s)", (fit) => {
    const source = plane(13, 22);
    const row = new Float32Array(22);
    source.readRows(4, row);
    const actual = resize(source, { height: 13, width: 22, fit });
    expect(actual.subarray(4 * 22, 5 * 22)).toEqual(row);
  });

  it.each(interpolations)("keeps a constant picture constant, whatever the sizes (%s)", (interpolation) => {
    for (const side of [1, 2, 3, 16, 31, 100]) {
      const data = new Uint16Array(side * (side + 3)).fill(12345);
      const source = rowsOf({ data, height: side, width: side + 3 });
      const actual = resize(source, { height: 17, width: 40, fit: "stretch", interpolation });
      expect(worstDifference(actual, new Float32Array(17 * 40).fill(12345 / 257))).toBeLessThan(1e-5);
    }
  });

  it.each(["stretch", "crop", "letterbox"] as const)(
    "gives the same for pictures of changing sizes, into a plane that has been used (%s)",
    (fit) => {
      const framing = { height: 20, width: 31, fit };
      const resizeNext = createResize(framing);
      const used = new Float32Array(20 * 31).fill(Number.NaN);
      for (const [height, width] of [
        [50, 60],
        [50, 60],
        [50, 61],
        [20, 31],
        [7, 9],
        [20, 60],
        [90, 31],
      ] as const) {
        const expected = resize(plane(height, width), framing);
        expect(resizeNext(plane(height, width))).toEqual(expected);
        expect(resizeNext(plane(height, width), used)).toBe(used);
        expect(used).toEqual(expected);
      }
    },
  );

  it.each([false, true])(
    "spreads values over a window to the bit as reading levels does (inverted: %s)",
    (isInverted) => {
      const data = Uint16Array.from({ length: 90 * 71 }, (_, i) => (i * 7919) % 4096);
      const levels = { ...pixelLevels({ data, height: 90, width: 71, channels: 1, layout: "gray" }), isInverted };
      const source = applyWindow(levels, { kind: "values", low: 210.5, high: 3980 });
      const framing = { height: 20, width: 31, fit: "stretch" } as const;
      expect(source.spread).toBeDefined();
      expect(resize(source, framing)).toEqual(resize({ ...source, spread: undefined }, framing));
    },
  );

  it("letterboxes with black", () => {
    const source = rowsOf({ data: new Uint8Array(40).fill(200), height: 4, width: 10 });
    const actual = resize(source, { height: 10, width: 10, fit: "letterbox" });
    expect([...actual.subarray(20, 40)]).toEqual([...Array(10).fill(0), ...Array(10).fill(200)]);
    expect([...actual.subarray(60, 80)]).toEqual([...Array(10).fill(200), ...Array(10).fill(0)]);
  });

  it("reads only the rows that a crop needs", () => {
    const rows: number[] = [];
    const source: GrayRows = { height: 1000, width: 10, readRows: (y) => rows.push(y) };
    resize(source, { height: 10, width: 10, fit: "crop" });
    expect(rows).toEqual(Array.from({ length: 10 }, (_, i) => 495 + i));
  });

  it.each([0, -3, 2.5, Number.NaN])("refuses a side of %s", (side) => {
    expect(() => resize(plane(4, 4), { height: side, width: 4, fit: "stretch" })).toThrow(InputError);
  });

  it("refuses to interpolate tiles, which are cut", () => {
    const framing = { height: 4, width: 4, fit: "tile", interpolation: "nearest" } as const;
    expect(() => resize(plane(9, 9), framing)).toThrow(/^interpolation nearest: tiles are cut, not resampled/);
  });
});
