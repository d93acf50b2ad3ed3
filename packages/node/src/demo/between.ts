/** Random numbers within limits. */
import type { SeededRandom } from "@grayling/core";

/** Uniform in [from, to). */
export const between = (random: SeededRandom, from: number, to: number): number => from + (to - from) * random.next();

/** Uniform whole number, both ends included. */
export const wholeBetween = (random: SeededRandom, from: number, to: number): number =>
  from + random.integer(to - from + 1);
