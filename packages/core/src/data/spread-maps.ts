/** The maps of a picture's planes, laid over the picture at any size: bilinear between the centres of their cells. */
import type { SeenRegion } from "./seen-regions.js";
import type { PictureSize } from "./tile-grid.js";

/** A coarse map and the part of the picture that it covers. */
export interface RegionMap {
  readonly region: SeenRegion;
  readonly rows: number;
  readonly columns: number;
  /** [rows · columns] */
  readonly values: Float32Array;
}

/**
 * Values [height · width] of the picture drawn at `size`; NaN where no map covers it. Where several do, each counts less towards
 * its edges, so that one fades into the next. Between the outermost centres and the edges of a map values stay those of the
 * outermost cells.
 */
export function spreadMaps(maps: readonly RegionMap[], picture: PictureSize, size: PictureSize): Float32Array {
  const sums = new Float32Array(size.height * size.width);
  const weights = new Float32Array(sums.length);
  for (const { region, rows, columns, values } of maps) {
    const down = placesAlong(size.height, picture.height / size.height, region.top, region.height, rows);
    const across = placesAlong(size.width, picture.width / size.width, region.left, region.width, columns);
    for (let y = 0; y < down.count; y++) {
      const row = blendRows(values, columns, down, y);
      const start = (down.first + y) * size.width + across.first;
      for (let x = 0; x < across.count; x++) {
        const part = across.part[x]!;
        const weight = down.weight[y]! * across.weight[x]!;
        sums[start + x]! += weight * (row[across.cell[x]!]! * (1 - part) + row[across.next[x]!]! * part);
        weights[start + x]! += weight;
      }
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i]! /= weights[i]!; // 0 / 0 where nothing was seen
  return sums;
}

/** The map between the two rows of cells that pixel row y lies between, [columns]. */
function blendRows(values: Float32Array, columns: number, { cell, next, part }: Places, y: number): Float32Array {
  const [above, below, share] = [cell[y]! * columns, next[y]! * columns, part[y]!];
  const row = new Float32Array(columns);
  for (let x = 0; x < columns; x++) row[x] = values[above + x]! * (1 - share) + values[below + x]! * share;
  return row;
}

/** Where the drawn pixels of a region, a row of them along one axis, lie among its cells. */
interface Places {
  /** The first pixel, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** [count]: the cell whose centre lies before the pixel, the one after, and how far it lies on the way, 0–1. */
  readonly cell: Int32Array;
  readonly next: Int32Array;
  readonly part: Float32Array;
  /** [count]: how far it lies from the nearer edge of the region, of its extent: 0–0.5. */
  readonly weight: Float32Array;
}

/** Of a pixel on the very edge, so that it has a value where nothing else covers it. */
const leastWeight = 1e-3;

/** `scale`: the picture's pixels per drawn one, of which there are `side`; `start` and `extent` are the region's. */
function placesAlong(side: number, scale: number, start: number, extent: number, cells: number): Places {
  const inside = (at: number) => ((at + 0.5) * scale - start) / extent; // 0–1 within the region
  let first = 0;
  while (first < side && inside(first) < 0) first++;
  let count = 0;
  while (first + count < side && inside(first + count) < 1) count++;
  const positions = Float64Array.from({ length: count }, (_, i) =>
    Math.min(cells - 1, Math.max(0, inside(first + i) * cells - 0.5)),
  );
  const cell = Int32Array.from(positions, Math.floor);
  return {
    first,
    count,
    cell,
    next: cell.map((at) => Math.min(at + 1, cells - 1)),
    part: Float32Array.from(positions, (position, i) => position - cell[i]!),
    weight: Float32Array.from(positions, (_, i) =>
      Math.max(leastWeight, Math.min(inside(first + i), 1 - inside(first + i))),
    ),
  };
}

/** The largest value of all maps and where in the picture the centre of its cell lies, px. */
export function peakOf(maps: readonly RegionMap[]): { readonly value: number; readonly x: number; readonly y: number } {
  let peak = { value: Number.NEGATIVE_INFINITY, x: 0, y: 0 };
  for (const { region, rows, columns, values } of maps) {
    for (const [i, value] of values.entries()) {
      if (!(value > peak.value)) continue;
      const y = region.top + ((Math.floor(i / columns) + 0.5) * region.height) / rows;
      const x = region.left + (((i % columns) + 0.5) * region.width) / columns;
      peak = { value, x, y };
    }
  }
  return peak;
}
