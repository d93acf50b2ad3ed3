import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import type { GrayRows } from "./gray-rows.js";
import { createResize, resize } from "./resize.js";
import { cutTiles, maxTiles, type PictureSize, tileGrid } from "./tile-grid.js";

/** Every pixel another level. */
const levelAt = (y: number, x: number): number => y * 1000 + x + 1;

function numbered({ height, width }: PictureSize): GrayRows {
  return {
    height,
    width,
    readRows: (y, rows) => {
      for (let i = 0; i < rows.length; i++) rows[i] = levelAt(y + Math.floor(i / width), i % width);
    },
  };
}

const extent = (height: number, width: number): PictureSize => ({ height, width });

describe("the grid of tiles", () => {
  it.each([
    // By hand: ⌈side / tile⌉ tiles, the last begins at side − tile, the others in equal steps.
    [extent(10, 10), extent(10, 10), [0], [0]],
    [extent(20, 30), extent(10, 10), [0, 10], [0, 10, 20]],
    [extent(11, 10), extent(10, 10), [0, 1], [0]],
    [extent(25, 10), extent(10, 10), [0, 8, 15], [0]],
    [extent(100, 41), extent(32, 20), [0, 23, 45, 68], [0, 11, 21]],
    [extent(10, 7), extent(10, 10), [0], [-1]],
    [extent(1, 24), extent(6, 10), [-2], [0, 7, 14]],
  ])("of %o in tiles of %o begins at rows %o and columns %o", (picture, tile, tops, lefts) => {
    expect(tileGrid(picture, tile)).toEqual({ tops, lefts });
  });

  it("covers every side of 1 to 400 px, from edge to edge, evenly, with the fewest tiles and none thrice", () => {
    const tile = 32;
    for (let side = 1; side <= 400; side++) {
      const { lefts } = tileGrid(extent(1, side), extent(1, tile));
      expect(lefts.length).toBe(Math.ceil(side / tile));
      const hits = new Uint8Array(side);
      for (const left of lefts) for (let x = 0; x < tile; x++) if (x + left >= 0 && x + left < side) hits[x + left]!++;
      const steps = lefts.slice(1).map((left, i) => left - lefts[i]!);
      expect([Math.min(...hits) >= 1, Math.max(...hits) <= 2]).toEqual([true, true]);
      if (steps.length > 0) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
      if (side >= tile) expect([lefts[0], lefts.at(-1)! + tile]).toEqual([0, side]);
    }
  });

  it("takes 12 megapixels at 224, and refuses more tiles than it says, with what to do", () => {
    const { tops, lefts } = tileGrid(extent(3000, 4000), extent(224, 224));
    expect(tops.length * lefts.length).toBe(252);
    expect(tops.length * lefts.length).toBeLessThanOrEqual(maxTiles);
    const tooMany = () => tileGrid(extent(6000, 8000), extent(224, 224));
    expect(tooMany).toThrow(InputError);
    expect(tooMany).toThrow(
      "6,000 × 8,000 px are 27 × 36 = 972 tiles of 224 × 224, expected at most 256; a larger --size makes fewer",
    );
    expect(() => tileGrid(extent(16, 17), extent(1, 1))).toThrow("272 tiles");
    expect(tileGrid(extent(16, 16), extent(1, 1)).tops).toHaveLength(16);
  });
});

describe("cutting tiles", () => {
  it.each([
    [extent(23, 31), extent(10, 12)],
    [extent(10, 12), extent(10, 12)],
    [extent(4, 31), extent(9, 12)], // flat: black above and below
    [extent(3, 5), extent(8, 8)],
    [extent(40, 1), extent(7, 4)],
  ])("of %o into %o gives each pixel of each tile as it is in the picture, and black outside", (picture, tile) => {
    const { tops, lefts } = tileGrid(picture, tile);
    const expected = tops.flatMap((top) =>
      lefts.flatMap((left) =>
        Array.from({ length: tile.height * tile.width }, (_, i) => {
          const [y, x] = [top + Math.floor(i / tile.width), left + (i % tile.width)];
          return y >= 0 && y < picture.height && x >= 0 && x < picture.width ? levelAt(y, x) : 0;
        }),
      ),
    );
    expect([...cutTiles(numbered(picture), tile)]).toEqual(expected);
    expect([...resize(numbered(picture), { ...tile, fit: "tile" })]).toEqual(expected);
  });

  it("uses memory that is given where it has the size, and leaves other memory alone", () => {
    const cut = createResize({ height: 5, width: 5, fit: "tile" });
    const expected = cut(numbered(extent(9, 3)));
    const used = new Float32Array(2 * 25).fill(Number.NaN);
    expect(cut(numbered(extent(9, 3)), used)).toBe(used);
    expect(used).toEqual(expected);
    const other = new Float32Array(25).fill(7);
    expect(cut(numbered(extent(9, 3)), other)).toEqual(expected);
    expect(other).toEqual(new Float32Array(25).fill(7));
  });
});
