/** A line with fewer points that looks the same. */

export interface LinePoint {
  readonly x: number;
  readonly y: number;
}

/** Columns into which a line is cut first; more than a chart has pixels. */
const columns = 2000;

/** Of the line's extent: a third of a pixel. */
const smallestTolerance = 0.001;

/**
 * At most `most` (from 2) of the points, among them the first and the last, in their order. Points are left out that lie within a
 * tolerance of the line without them: a third of a pixel, or more where too many would be left. Of very many points of rising x
 * first, lowest, highest and last in each of 2,000 columns are looked at, so that it takes time in proportion to them.
 * Source: Douglas and Peucker 1973, Algorithms for the Reduction of the Number of Points Required to Represent a Digitized Line.
 */
export function thinLine(points: readonly LinePoint[], most: number): LinePoint[] {
  if (points.length <= 2) return [...points];
  const [xs, ys] = [extent(points, "x"), extent(points, "y")];
  const seen = points.length > 4 * columns ? byColumn(points, xs) : points;
  const weights = importance(seen.map(({ x, y }) => ({ x: (x - xs.low) / xs.size, y: (y - ys.low) / ys.size })));
  const wanted = [...weights.keys()].filter((i) => weights[i]! > smallestTolerance);
  if (wanted.length > most) wanted.sort((a, b) => weights[b]! - weights[a]! || a - b).length = Math.max(2, most);
  return wanted.sort((a, b) => a - b).map((i) => seen[i]!);
}

function extent(points: readonly LinePoint[], axis: "x" | "y"): { readonly low: number; readonly size: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { [axis]: value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, size: high - low || 1 };
}

function byColumn(points: readonly LinePoint[], { low, size }: ReturnType<typeof extent>): LinePoint[] {
  const kept = new Set<number>();
  const columnOf = ({ x }: LinePoint) => Math.floor(((x - low) / size) * (columns - 1));
  for (let start = 0; start < points.length; ) {
    const column = columnOf(points[start]!);
    let [end, lowest, highest] = [start, start, start];
    for (; end < points.length && columnOf(points[end]!) === column; end++) {
      if (points[end]!.y < points[lowest]!.y) lowest = end;
      if (points[end]!.y > points[highest]!.y) highest = end;
    }
    for (const index of [start, lowest, highest, end - 1]) kept.add(index);
    start = end;
  }
  return [...kept].sort((a, b) => a - b).map((index) => points[index]!);
}

/**
 * By point: the tolerance up to which it is kept, 0 where it is below the smallest; infinite for both ends. The point farthest from a
 * stretch's chord cuts it in two, whose points are never kept without it. Stretches wait in a list of our own, not on the stack.
 */
function importance(points: readonly LinePoint[]): Float64Array {
  const weights = new Float64Array(points.length);
  weights[0] = weights[points.length - 1] = Number.POSITIVE_INFINITY;
  const waiting: [from: number, to: number][] = [[0, points.length - 1]];
  for (let stretch = waiting.pop(); stretch; stretch = waiting.pop()) {
    const [from, to] = stretch;
    let [farthest, distance] = [-1, smallestTolerance];
    for (let i = from + 1; i < to; i++) {
      const own = distanceTo(points[i]!, points[from]!, points[to]!);
      if (own > distance) [farthest, distance] = [i, own];
    }
    if (farthest < 0) continue;
    weights[farthest] = Math.min(distance, weights[from]!, weights[to]!);
    waiting.push([from, farthest], [farthest, to]);
  }
  return weights;
}

/** Of a point to the stretch between two others, not to the line beyond it. */
function distanceTo({ x, y }: LinePoint, a: LinePoint, b: LinePoint): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}
