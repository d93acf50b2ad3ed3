/** Smooths a plane with a Gaussian: a lens that is out of focus. */
import { type GrayPlane, memoryFor } from "./gray-plane.js";

/** The kernel ends here. Source: SciPy 1.17, scipy.ndimage.gaussian_filter, `truncate`. */
const radiusInDeviations = 4;

/**
 * The plane and its mirror image beyond the border (`reflect`), weighed by exp(−d² / 2 sd²). `sd` in px; of 0.125 and
 * less nothing changes. Equal to `scipy.ndimage.gaussian_filter(plane, sd)` up to float32 rounding.
 */
export function blur(plane: GrayPlane, sd: number, blurred = memoryFor(plane)): GrayPlane {
  const { height, width } = plane;
  const weights = gaussianWeights(sd);
  const radius = weights.length - 1;
  const sums = new Float64Array(width + 2 * radius); // of one row, with what lies beyond its ends
  for (let y = 0; y < height; y++) {
    sumRows(plane, y, weights, sums);
    for (let d = 1; d <= radius; d++) {
      sums[radius - d] = sums[radius + mirrored(-d, width)]!;
      sums[radius + width - 1 + d] = sums[radius + mirrored(width - 1 + d, width)]!;
    }
    sumAlong(sums, weights, blurred.subarray(y * width, (y + 1) * width));
  }
  return { values: blurred, height, width };
}

/** [radius + 1], from the middle outwards; with both sides they sum to one. */
function gaussianWeights(sd: number): Float64Array {
  const radius = Math.floor(radiusInDeviations * sd + 0.5);
  const weights = Float64Array.from({ length: radius + 1 }, (_, d) =>
    d === 0 ? 1 : Math.exp((-0.5 * d * d) / (sd * sd)),
  );
  const sum = 2 * weights.reduce((total, weight) => total + weight) - 1;
  return weights.map((weight) => weight / sum);
}

/** The levels around row `y`, weighed, into the middle of `sums`; two distances at a time, for one loop less over it. */
function sumRows({ values, height, width }: GrayPlane, y: number, weights: Float64Array, sums: Float64Array): void {
  const radius = weights.length - 1;
  const rowAt = (row: number) => mirrored(row, height) * width;
  for (let x = 0, own = y * width; x < width; x++) sums[radius + x] = weights[0]! * values[own + x]!;
  for (let d = 1; d <= radius; d += 2) {
    const [first, second] = [weights[d]!, weights[d + 1] ?? 0];
    const [a, b, c, e] = [rowAt(y - d), rowAt(y + d), rowAt(y - d - 1), rowAt(y + d + 1)];
    for (let x = 0; x < width; x++) {
      sums[radius + x]! += first * (values[a + x]! + values[b + x]!) + second * (values[c + x]! + values[e + x]!);
    }
  }
}

/** [width] of the result, from a row with what lies beyond its ends. */
function sumAlong(sums: Float64Array, weights: Float64Array, row: Float32Array): void {
  const radius = weights.length - 1;
  for (let x = 0, middle = radius; x < row.length; x++, middle++) {
    let sum = weights[0]! * sums[middle]!;
    for (let d = 1; d <= radius; d++) sum += weights[d]! * (sums[middle - d]! + sums[middle + d]!);
    row[x] = sum;
  }
}

/** The pixel that stands for one beyond the border, `b a | a b`, however far. */
function mirrored(at: number, side: number): number {
  if (at >= 0 && at < side) return at;
  const period = 2 * side;
  const within = ((at % period) + period) % period;
  return within < side ? within : period - 1 - within;
}
