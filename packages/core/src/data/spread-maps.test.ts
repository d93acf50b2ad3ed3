import { describe, expect, it } from "vitest";
import { peakOf, type RegionMap, spreadMaps } from "./spread-maps.js";

const map = (
  region: readonly [number, number, number, number],
  columns: number,
  values: readonly number[],
): RegionMap => {
  const [top, left, height, width] = region;
  return {
    region: { top, left, height, width },
    rows: values.length / columns,
    columns,
    values: Float32Array.from(values),
  };
};

describe("spreadMaps", () => {
  it("gives the cells themselves where a pixel is a cell", () => {
    const values = [1, 2, 3, 4, 5, 6];
    const size = { height: 2, width: 3 };
    expect([...spreadMaps([map([0, 0, 200, 300], 3, values)], { height: 200, width: 300 }, size)]).toEqual(values);
  });

  it("lies on straight lines between centres, and is constant beyond the outermost", () => {
    const picture = { height: 1, width: 8 };
    const spread = spreadMaps([map([0, 0, 1, 8], 2, [0, 4])], picture, picture);
    expect([...spread]).toEqual([0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]);
  });

  it("knows nothing of what was cut off, and fades from tile to tile where they overlap", () => {
    const picture = { height: 1, width: 6 };
    expect([...spreadMaps([map([0, 2, 1, 2], 1, [7])], picture, picture)]).toEqual([NaN, NaN, 7, 7, NaN, NaN]);
    const tiles = [map([0, 0, 1, 4], 1, [1]), map([0, 2, 1, 4], 1, [3])];
    expect([...spreadMaps(tiles, picture, picture)]).toEqual([1, 1, 1.5, 2.5, 3, 3]);
  });

  it("leaves out what a letterbox shows beside the picture", () => {
    const picture = { height: 1, width: 2 };
    expect([...spreadMaps([map([-1, 0, 3, 2], 1, [9, 5, 9])], picture, picture)]).toEqual([5, 5]);
  });
});

describe("peakOf", () => {
  it("finds the largest cell of all maps, in the picture's pixels", () => {
    const maps = [map([0, 0, 10, 10], 2, [1, 2, 3, 0]), map([0, 10, 10, 10], 2, [0, 4, 0, 1])];
    expect(peakOf(maps)).toEqual({ value: 4, x: 17.5, y: 2.5 });
  });
});
