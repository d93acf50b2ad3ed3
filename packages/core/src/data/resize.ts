/**
 * Resizes a gray picture to a model's input: bilinear, with the filter widened when shrinking (antialiasing).
 *
 * The same as Pillow's `resize(…, BILINEAR)` on mode F, up to float32 rounding. Our own because libvips, which decodes,
 * cannot: enlarging, its "linear" differs from Pillow's by up to 89 levels at edges; it rounds to whole levels between
 * its two passes, and it multiplies by alpha first. Row after row, so that no float copy of a large picture is made.
 * Source: Pillow 13, src/libImaging/Resample.c (the weights), ImageOps.fit and ImageOps.pad (crop and letterbox).
 */
import { InputError } from "../errors.js";
import type { GrayRows } from "./gray-rows.js";
import { cutTiles } from "./tile-grid.js";
import { type TriangleFilter, triangleFilter } from "./triangle-filter.js";

/**
 * How a picture of another shape meets the input.
 * - `stretch`: both sides scaled on their own, as Keras' `image_dataset_from_directory` does.
 * - `letterbox`: scaled to fit inside, centred; the rest is black (0).
 * - `crop`: scaled to cover, the middle kept.
 * - `tile`: not scaled but cut into planes that cover it, see `cutTiles`.
 */
export type Fit = "stretch" | "letterbox" | "crop" | "tile";

export const fits: readonly Fit[] = ["stretch", "letterbox", "crop", "tile"];

/** What a model's input asks of every picture. */
export interface Framing {
  readonly height: number; // px
  readonly width: number; // px
  readonly fit: Fit;
}

/** Throws `InputError` unless both sides are whole and 1 px or more. */
export function checkFraming({ height, width }: Framing): void {
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new InputError(`size: expected whole sides of 1 px or more, got ${height} × ${width}`);
    }
  }
}

/**
 * Returns the plane [height · width] of gray levels, 0–255 with fractions; of `tile` a plane per tile, [tiles · height ·
 * width]. Throws what `checkFraming` and `tileGrid` throw.
 */
export function resize(source: GrayRows, framing: Framing): Float32Array {
  return createResize(framing)(source);
}

/** `resize` to one framing, into a plane that is given or made; tiles into what is given if there is room for just them. */
export type Resize = (source: GrayRows, plane?: Float32Array) => Float32Array;

/** Makes a `resize` for many pictures: while they have the same size, the weights are computed once. */
export function createResize(framing: Framing): Resize {
  checkFraming(framing);
  if (framing.fit === "tile") return (source, planes) => cutTiles(source, framing, planes);
  let last: (Layout & Pick<GrayRows, "height" | "width">) | undefined;
  return (source, plane = new Float32Array(framing.height * framing.width)) => {
    const { height, width } = source;
    if (last?.height !== height || last.width !== width) last = { height, width, ...layOut(source, framing) };
    if (framing.fit === "letterbox") plane.fill(0);
    if (last.isCopy) copyRows(source, last, plane, framing.width);
    else resample(source, last, plane, framing.width);
    return plane;
  };
}

/** Where in the plane a picture lies, and how it gets there. */
interface Layout {
  readonly top: number; // px
  readonly left: number; // px
  readonly down: TriangleFilter;
  readonly across: TriangleFilter;
  /** The picture is as large as its place: every weight is 1. */
  readonly isCopy: boolean;
}

function layOut(source: Pick<GrayRows, "height" | "width">, { height, width, fit }: Framing): Layout {
  const scales = [source.height / height, source.width / width] as const; // source px per output px
  const scale = fit === "crop" ? Math.min(...scales) : Math.max(...scales);
  const inner = (side: number, limit: number) => Math.max(1, Math.min(limit, Math.round(side / scale)));
  const innerHeight = fit === "letterbox" ? inner(source.height, height) : height;
  const innerWidth = fit === "letterbox" ? inner(source.width, width) : width;
  const seenHeight = fit === "crop" ? scale * height : source.height;
  const seenWidth = fit === "crop" ? scale * width : source.width;
  return {
    top: Math.floor((height - innerHeight) / 2),
    left: Math.floor((width - innerWidth) / 2),
    down: triangleFilter(source.height, seenHeight, innerHeight),
    across: triangleFilter(source.width, seenWidth, innerWidth),
    isCopy: source.height === innerHeight && source.width === innerWidth,
  };
}

function copyRows(source: GrayRows, { top, left }: Layout, plane: Float32Array, planeWidth: number): void {
  const rows = source.width === planeWidth ? source.height : 1; // at a time
  for (let y = 0; y < source.height; y += rows) {
    const start = (top + y) * planeWidth + left;
    source.readRows(y, plane.subarray(start, start + rows * source.width));
  }
}

/**
 * First down, then across: sums over whole rows are one long loop, and only the rows of the plane are narrowed. The rows
 * of one window are held, each in the place of one that left it. Sums in float64.
 */
function resample(
  source: GrayRows,
  { top, left, down, across }: Layout,
  plane: Float32Array,
  planeWidth: number,
): void {
  const held = Array.from({ length: down.taps }, () => new Float32Array(source.width));
  const sums = new Float64Array(source.width + across.taps); // zeros behind, where a window's weights are zero
  let next = down.first[0]!;
  for (let i = 0; i < down.first.length; i++) {
    for (const end = down.first[i]! + down.count[i]!; next < end; next++) {
      source.readRows(next, held[next % down.taps]!);
    }
    sumRows(held, down, i, sums);
    narrowRow(sums, across, plane, (top + i) * planeWidth + left);
  }
}

/** Output row i of `filter`, before it is narrowed: in fours as far as they go. */
function sumRows(held: readonly Float32Array[], filter: TriangleFilter, i: number, sums: Float64Array): void {
  const { first, count, weights, taps } = filter;
  const rowAt = (k: number) => held[(first[i]! + k) % taps]!;
  let k = 0;
  sums.fill(0);
  for (; k + 4 <= count[i]!; k += 4) {
    const rows = [rowAt(k), rowAt(k + 1), rowAt(k + 2), rowAt(k + 3)] as const;
    addFour(sums, rows, weights.subarray(i * taps + k, i * taps + k + 4));
  }
  for (; k < count[i]!; k++) addOne(sums, rowAt(k), weights[i * taps + k]!);
}

type Four<T> = readonly [T, T, T, T];

function addFour(sums: Float64Array, [a, b, c, d]: Four<Float32Array>, weights: Float64Array): void {
  const [wa, wb, wc, wd] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!];
  for (let x = 0; x < a.length; x++) sums[x]! += wa * a[x]! + wb * b[x]! + wc * c[x]! + wd * d[x]!;
}

function addOne(sums: Float64Array, row: Float32Array, weight: number): void {
  for (let x = 0; x < row.length; x++) sums[x]! += weight * row[x]!;
}

function narrowRow(sums: Float64Array, filter: TriangleFilter, plane: Float32Array, start: number): void {
  const { first, weights, taps } = filter;
  for (let x = 0, k = 0; x < first.length; x++) {
    let sum = 0;
    for (let j = first[x]!, end = k + taps; k < end; k += 4, j += 4) {
      sum += weights[k]! * sums[j]! + weights[k + 1]! * sums[j + 1]!;
      sum += weights[k + 2]! * sums[j + 2]! + weights[k + 3]! * sums[j + 3]!;
    }
    plane[start + x] = sum;
  }
}
