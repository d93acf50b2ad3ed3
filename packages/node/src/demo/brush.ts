/** Strokes and blobs with soft edges. Where they overlap the stronger one stays, so that crossings do not add up. */
import { smoothStep } from "./noise.js";
import type { Plane } from "./plane.js";

export interface Point {
  readonly x: number; // px
  readonly y: number; // px
}

/** A polyline, `width` px wide, that tapers off towards both ends. `depth` is the level in its middle. */
export function drawStroke(plane: Plane, points: readonly Point[], width: number, depth: number): void {
  const last = points.length - 1;
  for (let i = 0; i < last; i++) {
    const [from, to] = [points[i]!, points[i + 1]!];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length2 = dx * dx + dy * dy || 1;
    const margin = width / 2 + 1;
    drawWithin(plane, boxAround([from, to], margin), (x, y) => {
      const t = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length2));
      const distance = Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
      const place = (i + t) / last;
      return depth * (1 - smoothStep(width / 2 - 0.5, margin, distance)) * Math.min(1, 8 * place, 8 * (1 - place));
    });
  }
}

export interface Blob extends Point {
  readonly radius: number; // px, across
  readonly length: number; // px, half the extent along `angle`
  readonly angle: number; // radians
  readonly softness: number; // part of the radius over which the edge fades, 0–1
  readonly depth: number; // level in the middle
  /** Moves the edge by so much of the radius at a place; default: a smooth ellipse. */
  readonly ragged?: (x: number, y: number) => number;
}

/** An ellipse with a soft, perhaps ragged edge. */
export function drawBlob(plane: Plane, { x: cx, y: cy, radius, length, angle, softness, depth, ragged }: Blob): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = 1.5 * Math.max(radius, length) + 1;
  drawWithin(plane, boxAround([{ x: cx, y: cy }], reach), (x, y) => {
    const [u, v] = [(x - cx) * cos + (y - cy) * sin, (y - cy) * cos - (x - cx) * sin];
    const distance = Math.hypot(u / length, v / radius) + (ragged?.(x, y) ?? 0);
    return depth * (1 - smoothStep(1 - softness, 1 + softness, distance));
  });
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxAround(points: readonly Point[], margin: number): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    left: Math.floor(Math.min(...xs) - margin),
    right: Math.ceil(Math.max(...xs) + margin),
    top: Math.floor(Math.min(...ys) - margin),
    bottom: Math.ceil(Math.max(...ys) + margin),
  };
}

function drawWithin({ width, height, values }: Plane, box: Box, level: (x: number, y: number) => number): void {
  for (let y = Math.max(0, box.top); y <= Math.min(height - 1, box.bottom); y++) {
    for (let x = Math.max(0, box.left); x <= Math.min(width - 1, box.right); x++) {
      const drawn = level(x, y);
      if (Math.abs(drawn) > Math.abs(values[y * width + x]!)) values[y * width + x] = drawn;
    }
  }
}
