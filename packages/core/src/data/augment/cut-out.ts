/** Hides rectangles of a plane, so that a network does not rest on one part of a picture alone. */
import { type GrayPlane, meanLevel, memoryFor } from "./gray-plane.js";

/** In parts of the plane's sides, 0–1. What lies outside of the plane hides nothing. */
export interface Hole {
  readonly middleX: number;
  readonly middleY: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Fills the holes with the plane's mean level: black or white would be an edge of its own.
 * Source: DeVries and Taylor 2017, Improved Regularization of Convolutional Neural Networks with Cutout, arXiv:1708.04552.
 */
export function cutOut(plane: GrayPlane, holes: readonly Hole[], values = memoryFor(plane)): GrayPlane {
  const { height, width } = plane;
  values.set(plane.values);
  const level = meanLevel(plane);
  for (const hole of holes) {
    const [left, right] = between(hole.middleX, hole.width, width);
    const [top, bottom] = between(hole.middleY, hole.height, height);
    for (let y = top; y < bottom; y++) values.fill(level, y * width + left, y * width + right);
  }
  return { values, height, width };
}

/** First pixel and the one behind the last; equal where nothing is hidden. */
function between(middle: number, part: number, side: number): readonly [first: number, end: number] {
  const first = Math.min(side, Math.max(0, Math.round((middle - part / 2) * side)));
  return [first, Math.max(first, Math.min(side, Math.round((middle + part / 2) * side)))];
}
