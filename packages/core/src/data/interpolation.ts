/** What a level between the pixels of a picture is made of: the definitions that libraries give the word "resize". */
import { type AxisFilter, triangleFilter } from "./triangle-filter.js";

/**
 * How a picture is resampled.
 * - `antialias`: bilinear, widened when shrinking so that every pixel counts. Pillow's `BILINEAR`, TensorFlow's
 *   `resize(antialias=True)`.
 * - `bilinear`: from the four pixels around a place, however much it shrinks. TensorFlow's `resize` by default, which is
 *   Keras' `image_dataset_from_directory`.
 * - `nearest`: the one pixel that a place lies in. Pillow's `NEAREST`, which is the default of Keras' `load_img` and
 *   `flow_from_directory`.
 */
export type Interpolation = "antialias" | "bilinear" | "nearest";

/** The weights along one axis: of its `source` pixels, the `seen` ones in the middle become `output` pixels. */
export type FilterRule = (source: number, seen: number, output: number) => AxisFilter;

export const axisFilters: { readonly [I in Interpolation]: FilterRule } = {
  antialias: triangleFilter,
  bilinear: bilinearFilter,
  nearest: nearestFilter,
};

export const interpolations = Object.keys(axisFilters) as readonly Interpolation[]; // the keys of a closed table

/** Sums are taken in fours, see `AxisFilter`. */
const taps = 4;

/**
 * Output i lies at c = (i + ½) s − ½, between the pixels ⌊c⌋ and ⌊c⌋ + 1; beyond the first and the last there is but one.
 * Places in float32, as TensorFlow has them: at pixel 4,000 they are rounded to 1/4,096, which is seen at sharp edges.
 * Source: TensorFlow 2.21, core/kernels/image/resize_bilinear_op.cc, half_pixel_centers.
 */
function bilinearFilter(source: number, seen: number, output: number): AxisFilter {
  const { fround } = Math;
  const scale = fround(seen / output);
  const [first, count] = [new Int32Array(output), new Int32Array(output)];
  const weights = new Float64Array(output * taps);
  for (let i = 0; i < output; i++) {
    const place = fround(fround((i + 0.5) * scale) + ((source - seen) / 2 - 0.5));
    const before = Math.floor(place);
    const after = place - before;
    first[i] = Math.max(0, before);
    count[i] = Math.min(source, before + 2) - first[i]!;
    weights.set(count[i] === 2 ? [1 - after, after] : [1], i * taps);
  }
  return { first, count, weights, taps };
}

/**
 * Output i is the pixel in which (i + ½) s lies. Places are summed up, and the ends kept in float32, as in Pillow: where a
 * place is on the border of two pixels, rounding decides.
 * Source: Pillow 13, src/libImaging/Geometry.c, ImagingScaleAffine; src/_imaging.c, _resize.
 */
function nearestFilter(source: number, seen: number, output: number): AxisFilter {
  const start = Math.fround((source - seen) / 2);
  const scale = Math.fround(Math.fround((source + seen) / 2) - start) / output;
  const [first, count] = [new Int32Array(output), new Int32Array(output).fill(1)];
  const weights = new Float64Array(output * taps);
  for (let i = 0, place = start + 0.5 * scale; i < output; i++, place += scale) {
    first[i] = Math.min(source - 1, Math.floor(place));
    weights[i * taps] = 1;
  }
  return { first, count, weights, taps };
}
