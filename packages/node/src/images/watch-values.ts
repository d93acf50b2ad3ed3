/** Looks at a picture's values as they are read: the smallest and the largest, and none that is no number. */
import { InputError, type Levels, type SampleType, type ValueRange } from "@grayling/core/pictures";
import type { PlainPicture } from "./decode-plain.js";
import type { LargestSample } from "./largest-sample.js";

export interface WatchedLevels {
  /** To be read instead of those given. Reading throws `InputError` at a value that is not finite. */
  readonly levels: Levels;
  /** The values that have been read; of unsigned samples `low` is 0, since it is not looked for. */
  readonly seen: () => ValueRange;
}

/** Of a picture whose samples are its levels nothing needs to be watched: one look at them is faster. */
export function watchPicture(
  levels: Levels,
  picture: PlainPicture | Uint8Array,
  largestSample: LargestSample,
): WatchedLevels {
  if (picture instanceof Uint8Array || picture.pixels.channels !== 1) return watchValues(levels);
  const seen = { low: 0, high: largestSample(picture.pixels.data) };
  return { levels, seen: () => seen };
}

export function watchValues(levels: Levels): WatchedLevels {
  return levels.samples.startsWith("uint") ? watchLargest(levels) : watchBoth(levels);
}

function watchLargest(levels: Levels): WatchedLevels {
  let high = 0;
  const readValues: Levels["readValues"] = (y, values) => {
    levels.readValues(y, values);
    high = Math.max(high, largest(values));
  };
  return { levels: { ...levels, readValues }, seen: () => ({ low: 0, high }) };
}

function watchBoth(levels: Levels): WatchedLevels {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const readValues: Levels["readValues"] = (y, values) => {
    levels.readValues(y, values);
    for (const value of values) {
      if (!Number.isFinite(value)) throw new InputError(notFinite(value));
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  return { levels: { ...levels, readValues }, seen: () => ({ low, high }) };
}

const notFinite = (value: number): string =>
  `holds ${Number.isNaN(value) ? "values that are no numbers (NaN)" : "infinite values"}, expected finite ones; put the smallest value in their place`;

/** Four at a time: one maximum would wait for the one before it. Comparing is faster than `Math.max` on pictures. */
function largest(values: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (const end = values.length - 3; i < end; i += 4) {
    const [p, q, r, s] = [values[i]!, values[i + 1]!, values[i + 2]!, values[i + 3]!];
    if (p > a) a = p;
    if (q > b) b = q;
    if (r > c) c = r;
    if (s > d) d = s;
  }
  for (; i < values.length; i++) if (values[i]! > a) a = values[i]!;
  return Math.max(a, b, c, d);
}

/** Floats have no black and white but 0 and 1: throws `InputError` for others under the window `full`. */
export function checkFullRange(samples: SampleType, { low, high }: ValueRange): void {
  if (!samples.startsWith("float") || (low >= 0 && high <= 1)) return;
  const [shownLow, shownHigh] = [low, high].map(showValue);
  throw new InputError(
    `${samples}, values ${shownLow} … ${shownHigh}: the window full takes 0 … 1 of floats; choose --window minmax, image or low:high`,
  );
}

/** Four digits, with the minus of print: −20.5. */
export function showValue(value: number): string {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
