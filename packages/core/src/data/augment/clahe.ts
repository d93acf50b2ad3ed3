/**
 * Equalizes contrast locally, up to a limit: what lies in a dark corner is seen as well as the rest.
 *
 * As OpenCV has it: a histogram for each of tiles × tiles parts of the plane, no bin higher than the limit, what is cut
 * off shared among all bins; its running sum is the curve of the tile's middle, and between middles curves are mixed.
 * Levels with fractions are kept: they lie between the entries of a curve, and neither curve nor result is rounded. For
 * whole levels the result is within 1 level of OpenCV's, which rounds both. (scikit-image clips and shares out
 * otherwise, and stretches the levels to the whole range first.)
 * Sources: Zuiderveld 1994, Graphics Gems IV, VIII.5; OpenCV 5, modules/imgproc/src/clahe.cpp.
 */
import { clampLevel, type GrayPlane, memoryFor } from "./gray-plane.js";

export interface ClaheOptions {
  /** A bin holds at most so many times what it would hold if all levels were as frequent. */
  readonly limit: number;
  /** Along each side; at most so many as it has pixels. */
  readonly tiles: number;
}

const bins = 256;

/** A plane of the same size. */
export function equalizeLocally(
  plane: GrayPlane,
  { limit, tiles }: ClaheOptions,
  values = memoryFor(plane),
): GrayPlane {
  const { height, width } = plane;
  const grid = layTiles(plane, Math.min(tiles, height, width));
  const curves = Array.from({ length: grid.tiles ** 2 }, (_, tile) => curveOf(plane, grid, tile, limit));
  const across = Array.from({ length: width }, (_, x) => neighbours(x, grid.tileWidth, grid.tiles));
  for (let y = 0; y < height; y++) {
    const down = neighbours(y, grid.tileHeight, grid.tiles);
    const [above, below] = [down.before * grid.tiles, down.behind * grid.tiles];
    for (let x = 0; x < width; x++) {
      const level = clampLevel(plane.values[y * width + x]!);
      const { before, behind, part } = across[x]!;
      const upper = lookUp(curves[above + before]!, level) * (1 - part) + lookUp(curves[above + behind]!, level) * part;
      const lower = lookUp(curves[below + before]!, level) * (1 - part) + lookUp(curves[below + behind]!, level) * part;
      values[y * width + x] = clampLevel(upper * (1 - down.part) + lower * down.part);
    }
  }
  return { values, height, width };
}

interface Tiling {
  readonly tiles: number; // along each side
  readonly tileHeight: number; // px
  readonly tileWidth: number; // px
}

/** A plane that cannot be divided is thought longer at its right and lower border, both by up to a whole tile's count. */
function layTiles({ height, width }: GrayPlane, tiles: number): Tiling {
  const isWhole = height % tiles === 0 && width % tiles === 0;
  const grown = (side: number) => (isWhole ? side : side + tiles - (side % tiles));
  return { tiles, tileHeight: grown(height) / tiles, tileWidth: grown(width) / tiles };
}

/** [bins], the level that each level becomes in the middle of a tile. */
function curveOf(
  plane: GrayPlane,
  { tiles, tileHeight, tileWidth }: Tiling,
  tile: number,
  limit: number,
): Float32Array {
  const { values, height, width } = plane;
  const [top, left] = [Math.floor(tile / tiles) * tileHeight, (tile % tiles) * tileWidth];
  const counts = new Int32Array(bins);
  for (let y = top; y < top + tileHeight; y++) {
    const row = mirrored(y, height) * width;
    for (let x = left; x < left + tileWidth; x++) counts[Math.round(clampLevel(values[row + mirrored(x, width)]!))]!++;
  }
  const area = tileHeight * tileWidth;
  clip(counts, Math.max(1, Math.floor((limit * area) / bins)));
  const curve = new Float32Array(bins);
  let sum = 0;
  for (let level = 0; level < bins; level++) {
    sum += counts[level]!;
    curve[level] = (sum * 255) / area;
  }
  return curve;
}

/** Cuts every bin at `most` and shares what was cut among all; what is left over goes to bins at equal distances. */
function clip(counts: Int32Array, most: number): void {
  let cut = 0;
  for (let level = 0; level < bins; level++) {
    cut += Math.max(0, counts[level]! - most);
    counts[level] = Math.min(counts[level]!, most);
  }
  const each = Math.floor(cut / bins);
  let left = cut - each * bins;
  for (let level = 0; level < bins; level++) counts[level]! += each;
  const step = left > 0 ? Math.max(1, Math.floor(bins / left)) : 1;
  for (let level = 0; level < bins && left > 0; level += step, left--) counts[level]!++;
}

/** Tiles before and behind a pixel, by their middles, and how near it is to the second, 0–1. */
function neighbours(at: number, tileSide: number, tiles: number) {
  const place = at / tileSide - 0.5;
  const before = Math.floor(place);
  return { before: Math.max(0, before), behind: Math.min(tiles - 1, before + 1), part: place - before };
}

function lookUp(curve: Float32Array, level: number): number {
  const below = level | 0;
  return curve[below]! + (level - below) * (curve[Math.min(below + 1, bins - 1)]! - curve[below]!);
}

/** A pixel beyond the lower end, mirrored at the middle of the last one, `c b | a | b c`; a side of one pixel repeats it. */
function mirrored(at: number, side: number): number {
  return at < side ? at : Math.max(0, 2 * (side - 1) - at);
}
