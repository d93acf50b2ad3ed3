/** The range of values that a model was made for, held against what it is given: 0–1 data looks all black to 0–255. */
import { InputError } from "../errors.js";
import { type SampleType, sampleRanges, type ValueRange } from "./levels.js";
import type { SettledWindow } from "./window.js";

export interface SeenValues extends ValueRange {
  readonly samples: SampleType;
}

/**
 * The reason, if what was seen of the first batch, in the files' own units, lies between 0 and 1 while the window expects
 * ten times as much: the values were divided by 255 or by their maximum, or are the numbers of classes. Undefined for
 * all else, and for windows that each file makes for itself.
 */
export function explainInputRange(seen: SeenValues, window: SettledWindow): string | undefined {
  const expected = expectedRange(seen.samples, window);
  if (!expected || expected.high - expected.low < 10) return undefined;
  if (seen.low < 0 || seen.high > 1 || seen.high <= 0) return undefined; // pictures that are all 0 are black, not scaled
  return (
    `values ${showRange(seen)} (${seen.samples}), and the model reads ${showRange(expected)} as black … white: ` +
    "they were divided, or are numbers of classes; give the files as they were"
  );
}

/** Four digits each. */
const showRange = (range: ValueRange): string =>
  [range.low, range.high].map((value) => String(Number(value.toPrecision(4)))).join(" … ");

/** Throws `InputError` with `explainInputRange`'s reason. */
export function checkInputRange(seen: SeenValues, window: SettledWindow): void {
  const reason = explainInputRange(seen, window);
  if (reason !== undefined)
    throw new InputError(`input range: the first images hold ${reason}, or choose another --window`);
}

function expectedRange(samples: SampleType, window: SettledWindow): ValueRange | undefined {
  if (window.kind === "values") return window;
  return window.kind === "full" ? sampleRanges[samples] : undefined;
}

/** What several pictures hold together; of pictures of several types the type of the first. Undefined of none. */
export function seenTogether(
  infos: readonly { readonly samples: SampleType; readonly min: number; readonly max: number }[],
): SeenValues | undefined {
  const [first] = infos;
  if (!first) return undefined;
  const low = infos.reduce((least, { min }) => Math.min(least, min), first.min);
  const high = infos.reduce((most, { max }) => Math.max(most, max), first.max);
  return { samples: first.samples, low, high };
}
