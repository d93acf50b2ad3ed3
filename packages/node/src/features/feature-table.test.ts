import { describe, expect, it } from "vitest";
import { type FeatureTable, selectRows, tilesAsImages } from "./feature-table.js";

const values = Float32Array.of(0, 0.1, 1, 1.1, 2, 2.1, 3, 3.1, 4, 4.1, 5, 5.1);
const whole: FeatureTable = { values, columns: 2, labels: [0, 1, 0, 1, 1, 0] };
const tiled: FeatureTable = { values, columns: 2, labels: [0, 1, 1], tiles: [3, 1, 2] };

describe("a table of features", () => {
  it("gives the wanted images with all of their rows", () => {
    const some = selectRows({ ...tiled, groups: ["a", "b", "a"] }, (image) => image !== 1);
    expect(some).toEqual({
      values: Float32Array.of(0, 0.1, 1, 1.1, 2, 2.1, 4, 4.1, 5, 5.1),
      columns: 2,
      labels: [0, 1],
      groups: ["a", "a"],
      tiles: [3, 2],
    });
    expect(selectRows(whole, (image) => image > 3).values).toEqual(Float32Array.of(4, 4.1, 5, 5.1));
    expect(selectRows(tiled, () => false).values).toHaveLength(0);
  });

  it("gives every tile its image's label, and the image as group where there is none", () => {
    expect(tilesAsImages(tiled)).toEqual({
      values,
      columns: 2,
      labels: [0, 0, 0, 1, 1, 1],
      groups: ["0", "0", "0", "1", "2", "2"],
    });
    const { groups } = tilesAsImages({ ...tiled, groups: ["a", "b", "a"] });
    expect(groups).toEqual(["a", "a", "a", "b", "a", "a"]);
  });

  it("stays what it is where no image has several tiles", () => {
    expect(tilesAsImages(whole)).toEqual(whole);
    expect(tilesAsImages({ ...whole, tiles: [1, 1, 1, 1, 1, 1] })).toEqual(whole);
  });
});
