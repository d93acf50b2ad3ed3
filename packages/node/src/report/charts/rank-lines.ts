/** ROC and precision-recall curves as lines with their corners only, and their means over classes. */
import { type Ranked, rankAreas } from "@grayling/core";
import type { LinePoint } from "./thin-line.js";

export interface RankLine {
  readonly name: string;
  /** Under the ROC curve, or the average precision. */
  readonly area: number;
  readonly points: readonly LinePoint[];
}

export interface RankedClasses {
  readonly names: readonly string[];
  /** By class (`judgeImages`). */
  readonly ranked: readonly Ranked[];
}

/** Of one kind of curve. */
export interface RankKind {
  /** Of a class: x and y are parts; from the strictest threshold to the most lenient. */
  readonly line: (ranked: Ranked) => LinePoint[];
  readonly area: (ranked: Ranked, weights: Float64Array) => number;
  /** The height of a curve at x. */
  readonly heightAt: (points: readonly LinePoint[], x: number) => number;
}

/** x: the part of the other images that is called the class; y: the part of its own that is. */
export const rocKind: RankKind = {
  line: ({ order, isLast, isPositive }) => {
    const positives = isPositive.reduce((a, b) => a + b, 0);
    const negatives = isPositive.length - positives;
    const points: LinePoint[] = [{ x: 0, y: 0 }];
    let [right, wrong] = [0, 0];
    for (let place = 0; place < order.length; place++) {
      if (isPositive[order[place]!]) right++;
      else wrong++;
      if (isLast[place]) addCorner(points, { x: wrong / negatives, y: right / positives });
    }
    return points;
  },
  area: (ranked, weights) => rankAreas(ranked, weights).rocAuc,
  heightAt: (points, x) => {
    const after = points.findIndex((point) => point.x > x);
    if (after < 0) return points.at(-1)?.y ?? Number.NaN;
    const [a, b] = [points[after - 1]!, points[after]!]; // the first is at x = 0
    return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
  },
};

/** x: the part of its own images that is found; y: the part of those called the class that is. The area below is the average precision. */
export const precisionRecallKind: RankKind = {
  line: ({ order, isLast, isPositive }) => {
    const positives = isPositive.reduce((a, b) => a + b, 0);
    const points: LinePoint[] = [];
    let [right, before] = [0, 0];
    for (let place = 0; place < order.length; place++) {
      if (isPositive[order[place]!]) right++;
      if (!isLast[place] || right === before) continue;
      const precision = right / (place + 1);
      addCorner(points, { x: before / positives, y: precision });
      addCorner(points, { x: right / positives, y: precision });
      before = right;
    }
    return points;
  },
  area: (ranked, weights) => rankAreas(ranked, weights).averagePrecision,
  heightAt: (points, x) => (points.find((point) => point.x > x) ?? points.at(-1))?.y ?? Number.NaN,
};

/** The lines of the classes that have images of their own and of others. */
export function rankLines({ names, ranked }: RankedClasses, kind: RankKind): RankLine[] {
  return names.flatMap((name, k) => {
    const own = ranked[k]!;
    const area = kind.area(own, new Float64Array(own.order.length).fill(1));
    return Number.isNaN(area) ? [] : [{ name, area, points: kind.line(own) }];
  });
}

const meanSteps = 100;

/** Every class counts the same; the area is the mean of their areas. */
export function meanLine(lines: readonly RankLine[], { heightAt }: RankKind): RankLine {
  const points = Array.from({ length: meanSteps + 1 }, (_, i) => {
    const x = i / meanSteps;
    return { x, y: mean(lines.map((line) => heightAt(line.points, x))) };
  });
  const start = { x: 0, y: mean(lines.map((line) => line.points[0]!.y)) }; // lines have points, the first at 0
  return { name: "mean", area: mean(lines.map(({ area }) => area)), points: [start, ...points] };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Straight on, across or up, the corner before is none. */
function addCorner(points: LinePoint[], next: LinePoint): void {
  const [before, last] = [points.at(-2), points.at(-1)];
  if (before && last && ((before.x === last.x && last.x === next.x) || (before.y === last.y && last.y === next.y)))
    points.pop();
  points.push(next);
}
