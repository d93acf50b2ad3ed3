/** Which of a convolution's maps to show: those that differ most, inside themselves and from each other. */
import type { Plane } from "../../page/plane.js";

/** Two maps that correlate more than this, either way, look alike. */
const alike = 0.85;

/** Up to `count` filters: the strongest by standard deviation, without those that look like a chosen one. */
export function chooseFilters(maps: readonly Plane[], count = 4): number[] {
  const centered = maps.map(({ values }) => center(values));
  const strength = centered.map((values) => Math.sqrt(dot(values, values)));
  const order = maps.map((_, i) => i).sort((a, b) => strength[b]! - strength[a]! || a - b);
  const chosen: number[] = [];
  for (const filter of order) {
    const isNew = chosen.every(
      (other) => Math.abs(dot(centered[filter]!, centered[other]!)) <= alike * strength[filter]! * strength[other]!,
    );
    if (isNew) chosen.push(filter);
    if (chosen.length === count) break;
  }
  return chosen;
}

function center(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
