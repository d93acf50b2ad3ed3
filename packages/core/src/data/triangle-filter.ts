/** The weights of a bilinear resize along one axis, with the triangle widened when shrinking (antialiasing). */

/** Output i = Σ_k weights[i · taps + k] · source[first[i] + k], k < count[i]. Windows never step back. */
export interface AxisFilter {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** Zero behind a window's last weight. */
  readonly weights: Float64Array;
  /** Weights per output, a multiple of 4, so that sums are taken in fours. */
  readonly taps: number;
}

/**
 * Triangle weights. Output i lies at c = (i + ½) s in a source seen at scale s, and source pixel j at j + ½ weighs
 * 1 − |j + ½ − c| / r, with radius r = max(s, 1), over the sum of all. `seen` source pixels in the middle are scaled;
 * those beside them still count where the filter reaches them.
 * Source: Pillow 13, src/libImaging/Resample.c.
 */
export function triangleFilter(source: number, seen: number, output: number): AxisFilter {
  const scale = seen / output;
  const radius = Math.max(scale, 1);
  const taps = 4 * Math.ceil(Math.ceil(radius) / 2);
  const first = new Int32Array(output);
  const count = new Int32Array(output);
  const weights = new Float64Array(output * taps);
  for (let i = 0; i < output; i++) {
    const centre = (source - seen) / 2 + (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - radius - 0.5) + 1);
    const end = Math.min(source, Math.ceil(centre + radius - 0.5));
    first[i] = start;
    count[i] = end - start;
    let sum = 0;
    for (let j = start; j < end; j++) sum += weights[i * taps + j - start] = 1 - Math.abs(j + 0.5 - centre) / radius;
    for (let k = 0; k < end - start; k++) weights[i * taps + k]! /= sum;
  }
  return { first, count, weights, taps };
}
