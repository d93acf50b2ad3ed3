/** Smooth random textures. */
import type { SeededRandom } from "@grayling/core";

/** The texture repeats after so many cells; a power of two, so that wrapping is a mask. */
const period = 64; // cells

/**
 * Value noise: a function of the place with cells of side 1, about −1 to 1, mean 0. Stretch it by dividing the
 * coordinates by the cells' size in px.
 */
export function smoothNoise(random: SeededRandom): (x: number, y: number) => number {
  const lattice = Float64Array.from({ length: period * period }, () => 2 * random.next() - 1);
  const at = (column: number, row: number) => lattice[(row & (period - 1)) * period + (column & (period - 1))]!;
  return (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [ease(x - column), ease(y - row)];
    const upper = at(column, row) * (1 - right) + at(column + 1, row) * right;
    const lower = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
    return upper * (1 - down) + lower * down;
  };
}

/** 0 to 1 without kinks at the ends: 3t² − 2t³. */
const ease = (t: number): number => t * t * (3 - 2 * t);

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothStep(from: number, to: number, value: number): number {
  return ease(Math.min(1, Math.max(0, (value - from) / (to - from))));
}
