/** Crazing: a net of fine cracks that comes and goes, the borders between the cells of scattered points (Worley 1996). */
import type { SeededRandom } from "@grayling/core";
import { between } from "./between.js";
import type { Point } from "./brush.js";
import { smoothNoise, smoothStep } from "./noise.js";
import type { Plane } from "./plane.js";

/** Draws on an empty plane, levels −1 to 0; the meshes are longer in the rolling direction, in radians. */
export function paintCrazing(plane: Plane, rolling: number, random: SeededRandom): void {
  const cell = between(random, 12, 26); // px
  const stretch = between(random, 1, 1.8); // along the rolling direction
  const [warp, gaps, zone] = [smoothNoise(random), smoothNoise(random), smoothNoise(random)];
  const [zoneCell, threshold, width] = [between(random, 40, 90), between(random, -0.4, 0), between(random, 0.3, 0.6)];
  const centres = scatteredCentres(random);
  const [cos, sin] = [Math.cos(rolling), Math.sin(rolling)];
  for (let y = 0, i = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++, i++) {
      const presence = zone(x / zoneCell, y / zoneCell) + 0.3 * gaps(x / 7, y / 7);
      const strength = smoothStep(threshold, threshold + 0.5, presence);
      if (strength === 0) continue;
      const bend = 0.2 * warp(x / 9, y / 9) + 0.08 * gaps(x / 3, y / 3);
      const [u, v] = [(x * cos + y * sin) / (cell * stretch) + bend, (y * cos - x * sin) / cell - bend];
      plane.values[i] = -strength * (1 - smoothStep(width, width + 0.9, cell * borderDistance(centres, u, v)));
    }
  }
}

/** A random place in each cell of side 1, repeating after 32 cells. */
function scatteredCentres(random: SeededRandom): (column: number, row: number) => Point {
  const places = Array.from({ length: 32 * 32 }, () => ({
    x: between(random, 0.15, 0.85),
    y: between(random, 0.15, 0.85),
  }));
  return (column, row) => places[(row & 31) * 32 + (column & 31)]!;
}

/** Half the difference of the distances to the nearest two centres: 0 on the border between two cells. */
function borderDistance(centres: (column: number, row: number) => Point, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  let [nearest, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) {
      const centre = centres(c, r);
      const distance = (c + centre.x - x) ** 2 + (r + centre.y - y) ** 2;
      if (distance < nearest) [nearest, second] = [distance, nearest];
      else if (distance < second) second = distance;
    }
  }
  return (Math.sqrt(second) - Math.sqrt(nearest)) / 2;
}
