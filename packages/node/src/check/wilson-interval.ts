/** How sure a part of few is. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 97.5th percentile of the standard normal. */
const z = 1.959964;

/** The 95 % interval of a part, 0–1. Source: Wilson 1927, Probable Inference, JASA 22, pp. 209–212. */
export function wilsonInterval(right: number, count: number): Interval {
  const part = right / count;
  const middle = (part + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((part * (1 - part)) / count + (z * z) / (4 * count * count));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
