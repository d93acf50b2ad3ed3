/** How sure a mean over images is when images of one group are alike. */
import { SeededRandom } from "../seeded-random.js";

export interface MeanInterval {
  readonly mean: number;
  /** The middle 95 % of what other groups would give. */
  readonly low: number;
  readonly high: number;
}

const draws = 2000;
const [lowPart, highPart] = [0.025, 0.975];

/**
 * The mean of `values` [n] and its 95 % interval: as many groups as there are, drawn with replacement 2,000 times. Images
 * of one patient are right or wrong together, so an interval from single images would be too narrow.
 * `groups` [n] names each value's. With one group there is nothing to draw, and the interval is everything between the
 * values.
 * Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8: clusters drawn whole, and
 * section 5.3.1, percentiles.
 */
export function groupInterval(values: readonly number[], groups: readonly string[], seed: number): MeanInterval {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sums = sumsByGroup(values, groups);
  if (sums.length < 2) return { mean, low: Math.min(...values), high: Math.max(...values) };
  const random = new SeededRandom(seed, "bootstrap");
  const means = Array.from({ length: draws }, () => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < sums.length; i++) {
      const drawn = sums[random.integer(sums.length)]!;
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (part: number) => means[Math.round(part * (draws - 1))]!;
  return { mean, low: at(lowPart), high: at(highPart) };
}

function sumsByGroup(values: readonly number[], groups: readonly string[]): { sum: number; count: number }[] {
  const byName = new Map<string, { sum: number; count: number }>();
  for (const [i, name] of groups.entries()) {
    const group = byName.get(name) ?? { sum: 0, count: 0 };
    byName.set(name, { sum: group.sum + values[i]!, count: group.count + 1 });
  }
  return [...byName.values()];
}
