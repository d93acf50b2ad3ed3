/**
 * Brightness, contrast and gamma: each level becomes another, wherever it lies.
 *
 * Loops of their own, not a function for each level: called for every pixel it takes five times as long.
 */
import { clampLevel, type GrayPlane, meanLevel, memoryFor } from "./gray-plane.js";

/**
 * factor · level. Keras' `brightness_range`, which Pillow computes in whole levels: it cuts the fraction of a level before
 * and after, so that its result lies up to 1 (and the factor, where levels have fractions) below.
 */
export function changeBrightness(plane: GrayPlane, factor: number, into = memoryFor(plane)): GrayPlane {
  return changeLinearly(plane, factor, 0, into);
}

/** mean + factor · (level − mean), with the plane's own mean level, which stays but for clamping. */
export function changeContrast(plane: GrayPlane, factor: number, into = memoryFor(plane)): GrayPlane {
  return changeLinearly(plane, factor, meanLevel(plane) * (1 - factor), into);
}

function changeLinearly(
  { values, height, width }: GrayPlane,
  factor: number,
  offset: number,
  into: Float32Array,
): GrayPlane {
  for (let i = 0; i < values.length; i++) into[i] = clampLevel(factor * values[i]! + offset);
  return { values: into, height, width };
}

/** A power for every pixel costs as much as all the rest: levels lie between those of two tables, a fine one for the dark. */
const dark = 16; // levels
const darkSteps = 16; // per level
const lightSteps = 2; // per level

/** 255 · (level / 255)^gamma: black and white stay. Within 0.01 levels for gamma from 0.25 to 4. */
export function changeGamma(plane: GrayPlane, gamma: number, into = memoryFor(plane)): GrayPlane {
  const { values, height, width } = plane;
  const curve = (level: number) => 255 * (level / 255) ** gamma;
  const tableOf = (levels: number, steps: number) =>
    Float64Array.from({ length: levels * steps + 2 }, (_, step) => curve(step / steps));
  const [darkTable, lightTable] = [tableOf(dark, darkSteps), tableOf(255, lightSteps)];
  for (let i = 0; i < values.length; i++) {
    const level = clampLevel(values[i]!);
    if (level >= dark) into[i] = between(lightTable, level * lightSteps);
    // Below 1 the curve is too steep for a table.
    else into[i] = level >= 1 || level === 0 ? between(darkTable, level * darkSteps) : curve(level);
  }
  return { values: into, height, width };
}

function between(table: Float64Array, at: number): number {
  const step = at | 0;
  return table[step]! + (at - step) * (table[step + 1]! - table[step]!);
}
