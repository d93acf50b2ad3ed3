/**
 * Cuts a large picture into tiles of a model's input size, at its own scale: no pixel is resampled.
 *
 * Per side as few tiles as cover it, evenly spaced, the first at one edge and the last at the other. So neighbours overlap
 * by less than a whole tile, all by the same up to one pixel of rounding, and no pixel is in more than two of one row.
 */
import { InputError } from "../errors.js";
import type { GrayRows } from "./gray-rows.js";

/** Of a picture, or of a tile. */
export interface PictureSize {
  readonly height: number; // px
  readonly width: number; // px
}

/** Where tiles begin, in the picture's pixels, ascending; below 0 where the picture is smaller than a tile. */
export interface TileGrid {
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
}

/** 12 megapixels (3000 × 4000) are 14 × 18 = 252 tiles of 224 × 224. More would run for seconds, for one answer. */
export const maxTiles = 256;

/**
 * The grid of tiles of a picture. A side that is smaller than a tile gets one, with the picture in its middle. Throws
 * `InputError` for more than `maxTiles`.
 */
export function tileGrid(picture: PictureSize, tile: PictureSize): TileGrid {
  const [tops, lefts] = [starts(picture.height, tile.height), starts(picture.width, tile.width)];
  const count = tops.length * lefts.length;
  if (count <= maxTiles) return { tops, lefts };
  throw new InputError(
    `${show(picture)} px are ${tops.length} × ${lefts.length} = ${count.toLocaleString("en")} tiles of ${show(tile)}, expected at most ${maxTiles}; a larger --size makes fewer`,
  );
}

function starts(side: number, tile: number): number[] {
  if (side <= tile) return [0 - Math.floor((tile - side) / 2)]; // 0, not −0
  const count = Math.ceil(side / tile);
  return Array.from({ length: count }, (_, i) => Math.round((i * (side - tile)) / (count - 1)));
}

const show = ({ height, width }: PictureSize): string =>
  `${height.toLocaleString("en")} × ${width.toLocaleString("en")}`;

/**
 * The tiles of a picture, [tiles, height, width], row of tiles by row of tiles; what lies outside the picture is black
 * (0). Written into `tiles` where that has the right size, else into new memory. Throws what `tileGrid` throws.
 */
export function cutTiles(source: GrayRows, { height, width }: PictureSize, tiles?: Float32Array): Float32Array {
  const { tops, lefts } = tileGrid(source, { height, width });
  const length = tops.length * lefts.length * height * width;
  const cut = tiles?.length === length ? tiles.fill(0) : new Float32Array(length);
  const rows = Math.min(height, source.height); // of the picture, in every tile
  const columns = Math.min(width, source.width);
  const band = new Float32Array(rows * source.width);
  let start = 0;
  for (const top of tops) {
    source.readRows(Math.max(0, top), band);
    for (const left of lefts) {
      for (let y = 0; y < rows; y++) {
        const from = y * source.width + Math.max(0, left);
        const to = start + (y + Math.max(0, -top)) * width + Math.max(0, -left);
        cut.set(band.subarray(from, from + columns), to);
      }
      start += height * width;
    }
  }
  return cut;
}
