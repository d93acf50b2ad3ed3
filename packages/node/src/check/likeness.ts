/** Whether two pictures look alike, by their thumbnails. */
import type { Thumbnail } from "./inspected-file.js";

/**
 * Pearson's correlation of two thumbnails, −1 … 1: the same for copies that differ in brightness, contrast or bit depth.
 * 0 where one of them is constant.
 */
export function correlation({ values: a }: Thumbnail, { values: b }: Thumbnail): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const n = a.length;
  const spread = (n * sumAA - sumA * sumA) * (n * sumBB - sumB * sumB);
  return spread > 0 ? (n * sumAB - sumA * sumB) / Math.sqrt(spread) : 0;
}
