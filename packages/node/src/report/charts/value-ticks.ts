/** Values that an axis names: round ones, few enough to be read. */

/** 1, 2 or 5 times a power of ten, the first that is not below `rough`, above 0. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;
}

/** What sums of steps leave behind their digits. */
const rounded = (value: number): number => Number(value.toPrecision(12));

const multiples = (step: number, from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) + 1 }, (_, i) => rounded((from + i) * step));

/** 0, and whole numbers up to the first that is not below `most`: at most five. */
export function countTicks(most: number): number[] {
  const step = niceStep(Math.max(1, most / 4));
  return multiples(step, 0, Math.max(1, Math.ceil(most / step)));
}

/** Whole numbers from `first` to `last`, at most six. */
export function wholeTicks(first: number, last: number): number[] {
  const step = niceStep(Math.max(1, (last - first) / 5));
  return multiples(step, Math.ceil(first / step), Math.floor(last / step));
}

/** From a value that is not above `low` to one that is not below `high`: at most `steps` + 2 of them. */
export function niceTicks(low: number, high: number, steps = 4): number[] {
  const span = high - low || Math.abs(low) / 10 || 1;
  const step = niceStep(span / steps);
  return multiples(step, Math.floor(low / step + 1e-9), Math.ceil((low + span) / step - 1e-9));
}

/** Between two values above 0, the larger ten times the other at least: powers of ten, and where those are few, 2 and 5 times them. */
export function logTicks(low: number, high: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.ceil((to - from) / 6);
  const factors = to - from <= 2 ? [1, 2, 5] : [1];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    .filter((power) => power % every === 0)
    .flatMap((power) => factors.map((factor) => rounded(factor * 10 ** power)))
    .filter((tick) => tick >= low && tick <= high);
}

/** 0.0005, 0.00002 → "2e−5", 20000 → "20,000" */
export function showValue(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size < 0.0001 || size >= 1e7
      ? Number(value.toPrecision(4)).toExponential()
      : rounded(value).toLocaleString("en-US", { maximumFractionDigits: 6 });
  return text.replace("e+", "e").replaceAll("-", "−");
}
