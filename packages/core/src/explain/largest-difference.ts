/** How far two arrays of numbers are apart. */

export interface Difference {
  /** Largest |actual − expected|. */
  readonly difference: number;
  /** Largest |expected|. */
  readonly scale: number;
}

/** NaN anywhere gives NaN. Throws where the lengths differ: a caller's mistake. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  if (actual.length !== expected.length)
    throw new Error(`internal: ${actual.length} values, expected ${expected.length}`);
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return { difference, scale };
}
