/** Defects of rolled metal, one painter each. Their kinds are those of the NEU surface defect database (Song and Yan 2013). */
import type { SeededRandom } from "@grayling/core";
import { between, wholeBetween } from "./between.js";
import { drawBlob, drawStroke, type Point } from "./brush.js";
import { paintCrazing } from "./crazing.js";
import { smoothNoise, smoothStep } from "./noise.js";
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

/** Slivers of slag along the rolling direction, often several in one line. */
function paintInclusions(plane: Plane, rolling: number, random: SeededRandom): void {
  for (let lines = wholeBetween(random, 2, 4); lines > 0; lines--) {
    const start = randomPoint(plane, random);
    const sign = random.next() < 0.9 ? -1 : 1;
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
    const radius = side * between(random, 0.12, 0.25);
    drawBlob(plane, {
      ...randomPoint(plane, random),
      radius,
      length: radius * between(random, 1, 1.8),
      angle: rolling + between(random, -0.5, 0.5),
      softness: between(random, 0.12, 0.3),
      depth: sign * between(random, 0.55, 0.95),
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
      const level =
        flakes(u / along, v / across) + 0.35 * edges(x / 2.5, y / 2.5) + 0.4 * zone(x / zoneCell, y / zoneCell);
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
      const aside = bend * (1 - ((2 * along) / length) ** 2);
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
