/** Defects of rolled metal, one painter each. Their kinds are those of the NEU surface defect database (Song and Yan 2013). */
import type { SeededRandom } from "@grayling/core";
import { drawBlob, drawStroke, type Point } from "./brush.js";
import { between, smoothNoise, smoothStep, wholeBetween } from "./noise.js";
import type { Plane } from "./plane.js";

/**
 * Draws a defect on an empty plane, levels −1 (dark) to 1 (bright).
 * `rolling` is the direction in which the metal was rolled, in radians.
 */
export type Painter = (plane: Plane, rolling: number, random: SeededRandom) => void;

/** By class, in the order of their names. */
export const defects = {
  crazing: paintCrazing,
  inclusions: paintInclusions,
  patches: paintPatches,
  pits: paintPits,
  "rolled-in-scale": paintScale,
  scratches: paintScratches,
} as const satisfies Readonly<Record<string, Painter>>;

export type Defect = keyof typeof defects;

/** A net of fine cracks that comes and goes: the borders between the cells of scattered points. */
function paintCrazing(plane: Plane, rolling: number, random: SeededRandom): void {
  const cell = between(random, 12, 26); // px
  const stretch = between(random, 1, 1.8); // along the rolling direction
  const [warp, gaps, zone] = [smoothNoise(random), smoothNoise(random), smoothNoise(random)];
  const [zoneCell, threshold, width] = [between(random, 40, 90), between(random, -0.4, 0), between(random, 0.3, 0.6)];
  const centres = scatteredCentres(random);
  const [cos, sin] = [Math.cos(rolling), Math.sin(rolling)];
  for (let y = 0, i = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++, i++) {
      const strength = smoothStep(threshold, threshold + 0.5, zone(x / zoneCell, y / zoneCell) + 0.3 * gaps(x / 7, y / 7));
      if (strength === 0) continue;
      const bend = 0.2 * warp(x / 9, y / 9) + 0.08 * gaps(x / 3, y / 3);
      const [u, v] = [(x * cos + y * sin) / (cell * stretch) + bend, (y * cos - x * sin) / cell - bend];
      plane.values[i] = -strength * (1 - smoothStep(width, width + 0.9, cell * borderDistance(centres, u, v)));
    }
  }
}

/** Slivers of slag along the rolling direction, often several in one line. */
function paintInclusions(plane: Plane, rolling: number, random: SeededRandom): void {
  for (let lines = wholeBetween(random, 2, 4); lines > 0; lines--) {
    const start = randomPoint(plane, random);
    const sign = random.next() < 0.8 ? -1 : 1;
    let travelled = 0;
    for (let slivers = wholeBetween(random, 1, 4); slivers > 0; slivers--) {
      const rough = smoothNoise(random);
      const length = between(random, 6, 22);
      travelled += length;
      const x = start.x + travelled * Math.cos(rolling) + between(random, -2, 2);
      const y = start.y + travelled * Math.sin(rolling) + between(random, -2, 2);
      const radius = between(random, 1.4, 3.8);
      const angle = rolling + between(random, -0.08, 0.08);
      const depth = sign * between(random, 0.6, 1);
      const ragged = (px: number, py: number) => 0.35 * rough(px / 3, py / 3);
      drawBlob(plane, { x, y, radius, length, angle, softness: 0.3, depth, ragged });
      travelled += length + between(random, 2, 14);
    }
  }
}

/** One to three large spots of another tone, with a washed edge. */
function paintPatches(plane: Plane, rolling: number, random: SeededRandom): void {
  const side = Math.min(plane.width, plane.height);
  const sign = random.next() < 0.5 ? -1 : 1;
  for (let spots = wholeBetween(random, 1, 3); spots > 0; spots--) {
    const rough = smoothNoise(random);
    const cell = between(random, 8, 20);
    const radius = side * between(random, 0.09, 0.22);
    drawBlob(plane, {
      ...randomPoint(plane, random),
      radius,
      length: radius * between(random, 1, 1.8),
      angle: rolling + between(random, -0.5, 0.5),
      softness: between(random, 0.12, 0.3),
      depth: sign * between(random, 0.4, 0.8),
      ragged: (x, y) => 0.4 * rough(x / cell, y / cell),
    });
  }
}

/** Small holes in clusters, lit from one side: a dark spot with a bright rim. */
function paintPits(plane: Plane, _rolling: number, random: SeededRandom): void {
  const light = between(random, 0, 2 * Math.PI);
  for (let clusters = wholeBetween(random, 1, 3); clusters > 0; clusters--) {
    const centre = randomPoint(plane, random);
    const spread = between(random, 10, 45); // px
    for (let pits = wholeBetween(random, 6, 14); pits > 0; pits--) {
      const [x, y] = [centre.x + spread * random.normal() * 0.6, centre.y + spread * random.normal() * 0.6];
      const radius = between(random, 1.3, 3.4);
      const shape = { radius, length: radius * between(random, 1, 1.4), angle: light, softness: 0.4 };
      const rim = 0.7 * radius;
      const depth = between(random, 0.6, 1);
      drawBlob(plane, { ...shape, x: x + rim * Math.cos(light), y: y + rim * Math.sin(light), depth: 0.5 * depth });
      drawBlob(plane, { ...shape, x, y, depth: -depth });
    }
  }
}

/** Flakes of oxide pressed into the metal: small rough spots all over a zone, longer in the rolling direction. */
function paintScale(plane: Plane, rolling: number, random: SeededRandom): void {
  const [flakes, edges, zone] = [smoothNoise(random), smoothNoise(random), smoothNoise(random)];
  const [across, zoneCell] = [between(random, 5, 10), between(random, 50, 110)];
  const along = across * between(random, 1.3, 2.6);
  const [cos, sin] = [Math.cos(rolling), Math.sin(rolling)];
  const sign = random.next() < 0.7 ? -1 : 1;
  const threshold = between(random, 0.3, 0.5);
  for (let y = 0, i = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++, i++) {
      const [u, v] = [x * cos + y * sin, y * cos - x * sin];
      const level = flakes(u / along, v / across) + 0.35 * edges(x / 2.5, y / 2.5) + 0.4 * zone(x / zoneCell, y / zoneCell);
      plane.values[i] = sign * 0.8 * smoothStep(threshold, threshold + 0.3, level);
    }
  }
}

/** One to four long, slightly bent lines in nearly one direction. */
function paintScratches(plane: Plane, _rolling: number, random: SeededRandom): void {
  const side = Math.min(plane.width, plane.height);
  const direction = between(random, 0, Math.PI);
  const sign = random.next() < 0.65 ? 1 : -1;
  for (let lines = wholeBetween(random, 1, 4); lines > 0; lines--) {
    const angle = direction + between(random, -0.25, 0.25);
    const length = side * between(random, 0.3, 0.8);
    const bend = between(random, -0.08, 0.08) * length;
    const middle = randomPoint(plane, random);
    const points = Array.from({ length: 13 }, (_, i) => {
      const along = (i / 12 - 0.5) * length;
      const aside = bend * (1 - (2 * along / length) ** 2);
      return {
        x: middle.x + along * Math.cos(angle) - aside * Math.sin(angle),
        y: middle.y + along * Math.sin(angle) + aside * Math.cos(angle),
      };
    });
    drawStroke(plane, points, between(random, 0.8, 1.8), sign * between(random, 0.6, 1));
  }
}

/** In the inner part, so that a defect is not cut off whole. */
function randomPoint({ width, height }: Plane, random: SeededRandom): Point {
  return { x: width * between(random, 0.15, 0.85), y: height * between(random, 0.15, 0.85) };
}

/** A random place in each cell of side 1, repeating after 32 cells. */
function scatteredCentres(random: SeededRandom): (column: number, row: number) => Point {
  const places = Array.from({ length: 32 * 32 }, () => ({ x: random.next(), y: random.next() }));
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
