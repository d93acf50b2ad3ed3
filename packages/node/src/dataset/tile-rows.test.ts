import { describe, expect, it } from "vitest";
import { meanOfRows, TileRows } from "./tile-rows.js";

describe("rows that come tile by tile", () => {
  it("are an image's once the last has come, while others are open", () => {
    const rows = new TileRows(2);
    expect(rows.add(7, { tile: 0, of: 2 }, Float32Array.of(1, 2))).toBeUndefined();
    expect(rows.add(3, { tile: 0, of: 1 }, Float32Array.of(9, 9))).toEqual(Float32Array.of(9, 9));
    expect(rows.add(7, { tile: 1, of: 2 }, Float32Array.of(3, 4))).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(rows.add(7, { tile: 0, of: 2 }, Float32Array.of(5, 6))).toBeUndefined(); // the same image once more
  });

  it("are copied, so that their memory may be used again", () => {
    const [rows, row] = [new TileRows(1), Float32Array.of(4)];
    const kept = rows.add(0, { tile: 0, of: 1 }, row);
    row[0] = 5;
    expect(kept).toEqual(Float32Array.of(4));
  });

  it("have a mean per column, of one row that row to the bit", () => {
    expect(meanOfRows(Float32Array.of(1, 0.5, 3, 0.25, 8, 0), 2)).toEqual(Float32Array.of(4, 0.25));
    const row = Float32Array.of(0.1, 1 / 3, 0.7);
    expect(meanOfRows(row, 3)).toEqual(row);
  });
});
