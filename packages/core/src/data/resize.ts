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

/**
 * How a picture of another shape meets the input.
 * - `stretch`: both sides scaled on their own, as Keras' `image_dataset_from_directory` does.
 * - `letterbox`: scaled to fit inside, centred; the rest is black (0).
 * - `crop`: scaled to cover, the middle kept.
 */
export type Fit = "stretch" | "letterbox" | "crop";

export const fits: readonly Fit[] = ["stretch", "letterbox", "crop"];

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

/** Returns the plane [height · width] of gray levels, 0–255 with fractions. Throws what `checkFraming` throws. */
export function resize(source: GrayRows, framing: Framing): Float32Array {
  checkFraming(framing);
  const { height, width, fit } = framing;
  if (fit === "letterbox") return letterbox(source, height, width);
  const scale = Math.min(source.height / height, source.width / width); // source px per output px, of a crop
  const [seenHeight, seenWidth] = fit === "crop" ? [scale * height, scale * width] : [source.height, source.width];
  return resample(source, filter(source.height, seenHeight, height), filter(source.width, seenWidth, width));
}

function letterbox(source: GrayRows, height: number, width: number): Float32Array {
  const scale = Math.max(source.height / height, source.width / width);
  const innerHeight = Math.max(1, Math.min(height, Math.round(source.height / scale)));
  const innerWidth = Math.max(1, Math.min(width, Math.round(source.width / scale)));
  const inner = resize(source, { height: innerHeight, width: innerWidth, fit: "stretch" });
  const plane = new Float32Array(height * width);
  const top = Math.floor((height - innerHeight) / 2);
  const left = Math.floor((width - innerWidth) / 2);
  for (let y = 0; y < innerHeight; y++) {
    plane.set(inner.subarray(y * innerWidth, (y + 1) * innerWidth), (top + y) * width + left);
  }
  return plane;
}

/** Along one axis: output i = Σ_k weights[i · stride + k] · source[first[i] + k], k < count[i]. Windows never step back. */
interface Filter {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly stride: number;
}

/**
 * Triangle weights. Output i lies at c = (i + ½) s in a source seen at scale s, and source pixel j at j + ½ weighs
 * 1 − |j + ½ − c| / r, with radius r = max(s, 1), over the sum of all. `seen` source pixels in the middle are scaled;
 * those beside them still count where the filter reaches them.
 */
function filter(source: number, seen: number, output: number): Filter {
  const scale = seen / output;
  const radius = Math.max(scale, 1);
  const stride = 2 * Math.ceil(radius);
  const first = new Int32Array(output);
  const count = new Int32Array(output);
  const weights = new Float64Array(output * stride);
  for (let i = 0; i < output; i++) {
    const centre = (source - seen) / 2 + (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - radius - 0.5) + 1);
    const end = Math.min(source, Math.ceil(centre + radius - 0.5));
    first[i] = start;
    count[i] = end - start;
    let sum = 0;
    for (let j = start; j < end; j++) sum += weights[i * stride + j - start] = 1 - Math.abs(j + 0.5 - centre) / radius;
    for (let k = 0; k < end - start; k++) weights[i * stride + k]! /= sum;
  }
  return { first, count, weights, stride };
}

/** Every source row is narrowed once and then added to the output rows whose windows hold it. Sums in float64. */
function resample(source: GrayRows, down: Filter, across: Filter): Float32Array {
  const [height, width] = [down.first.length, across.first.length];
  const sums = new Float64Array(height * width);
  const row = new Float32Array(source.width);
  const narrow = new Float64Array(width);
  const end = down.first[height - 1]! + down.count[height - 1]!;
  let top = 0; // the first output row that still takes part
  for (let y = down.first[0]!; y < end; y++) {
    source.readRow(y, row);
    narrowRow(row, across, narrow);
    while (down.first[top]! + down.count[top]! <= y) top++;
    for (let i = top; i < height && down.first[i]! <= y; i++) {
      const weight = down.weights[i * down.stride + y - down.first[i]!]!;
      addScaled(sums, i * width, narrow, weight);
    }
  }
  return new Float32Array(sums);
}

function addScaled(sums: Float64Array, start: number, narrow: Float64Array, weight: number): void {
  for (let x = 0; x < narrow.length; x++) sums[start + x]! += weight * narrow[x]!;
}

function narrowRow(row: Float32Array, { first, count, weights, stride }: Filter, narrow: Float64Array): void {
  for (let x = 0; x < narrow.length; x++) {
    const end = first[x]! + count[x]!;
    let sum = 0;
    for (let j = first[x]!, k = x * stride; j < end; j++, k++) sum += weights[k]! * row[j]!;
    narrow[x] = sum;
  }
}
