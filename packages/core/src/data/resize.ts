/**
 * Resizes a gray picture to a model's input: bilinear, with the filter widened when shrinking (antialiasing), or as an
 * `Interpolation` says.
 *
 * The same as Pillow's `resize(…, BILINEAR)` on mode F, up to float32 rounding. Our own because libvips, which decodes,
 * cannot: enlarging, its "linear" differs from Pillow's by up to 89 levels at edges; it rounds to whole levels between
 * its two passes, and it multiplies by alpha first. Row after row, so that no float copy of a large picture is made.
 * Source: Pillow 13, src/libImaging/Resample.c (the weights), ImageOps.fit and ImageOps.pad (crop and letterbox).
 */
import { InputError } from "../errors.js";
import type { GrayRows } from "./gray-rows.js";
import { axisFilters, type Interpolation } from "./interpolation.js";
import { createResample, type PrepareResample, type Resample } from "./resample.js";
import { cutTiles } from "./tile-grid.js";
import type { AxisFilter } from "./triangle-filter.js";

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
  /** Default `antialias`. Tiles are not resampled. */
  readonly interpolation?: Interpolation | undefined;
}

/** Throws `InputError` unless both sides are whole and 1 px or more, and where tiles are to be interpolated. */
export function checkFraming({ height, width, fit, interpolation = "antialias" }: Framing): void {
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new InputError(`size: expected whole sides of 1 px or more, got ${height} × ${width}`);
    }
  }
  if (fit === "tile" && interpolation !== "antialias") {
    throw new InputError(
      `interpolation ${interpolation}: tiles are cut, not resampled; leave it out, or choose another fit`,
    );
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
  let prepare: PrepareResample | undefined;
  let last: (Layout & Pick<GrayRows, "height" | "width"> & { readonly resample?: Resample }) | undefined;
  return (source, plane = new Float32Array(framing.height * framing.width)) => {
    const { height, width } = source;
    if (last?.height !== height || last.width !== width) {
      const layout = layOut(source, framing);
      prepare ??= createResample();
      last = { height, width, ...layout, ...(layout.isCopy ? {} : { resample: prepare(width, layout) }) };
    }
    if (framing.fit === "letterbox") plane.fill(0);
    const { top, left, resample } = last;
    if (resample) resample(source, (i, row) => plane.set(row, (top + i) * framing.width + left));
    else copyRows(source, last, plane, framing.width);
    return plane;
  };
}

/** Where in the plane a picture lies, and how it gets there. */
interface Layout {
  readonly top: number; // px
  readonly left: number; // px
  readonly down: AxisFilter;
  readonly across: AxisFilter;
  /** The picture is as large as its place: every weight is 1. */
  readonly isCopy: boolean;
}

function layOut(
  source: Pick<GrayRows, "height" | "width">,
  { height, width, fit, interpolation = "antialias" }: Framing,
): Layout {
  const filterOf = axisFilters[interpolation];
  const scales = [source.height / height, source.width / width] as const; // source px per output px
  const scale = fit === "crop" ? Math.min(...scales) : Math.max(...scales);
  const inner = (side: number, limit: number) => Math.max(1, Math.min(limit, Math.round(side / scale)));
  const innerHeight = fit === "letterbox" ? inner(source.height, height) : height;
  const innerWidth = fit === "letterbox" ? inner(source.width, width) : width;
  const seenHeight = scale === scales[0] || fit !== "crop" ? source.height : scale * height; // whole, not rounded to it
  const seenWidth = scale === scales[1] || fit !== "crop" ? source.width : scale * width;
  return {
    top: Math.floor((height - innerHeight) / 2),
    left: Math.floor((width - innerWidth) / 2),
    down: filterOf(source.height, seenHeight, innerHeight),
    across: filterOf(source.width, seenWidth, innerWidth),
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
