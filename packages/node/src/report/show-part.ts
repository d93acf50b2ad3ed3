/** Numbers as the report's sentences and tables have them: they stay on one line, and what is not known is a dash. */
import { grouped, percent } from "@grayling/core";

/** Keeps a number and its unit together. */
const noBreak = "\u00a0";

/** What stands for a number that is not defined, as recall is without images. */
export const unknownNumber = "–";

type Maybe = number | null | undefined;

const isKnown = (value: Maybe): value is number => value !== null && value !== undefined && Number.isFinite(value);

/** 0.98765 → "98.8 %" */
export const showPart = (part: Maybe): string =>
  isKnown(part) ? percent(part).replace(" ", noBreak).replace("-", "−") : unknownNumber;

/** 0.98765 → "0.988" */
export const showDecimal = (value: Maybe, digits = 3): string =>
  isKnown(value) ? value.toFixed(digits).replace("-", "−") : unknownNumber;

/** [0.98, 1] → "98.0–100.0 %"; undefined where an end is not known. */
export function showInterval(interval: readonly [Maybe, Maybe] | undefined, isPart: boolean): string | undefined {
  const [low, high] = interval ?? [];
  if (!isKnown(low) || !isKnown(high)) return undefined;
  if (!isPart) return `${showDecimal(low)}–${showDecimal(high)}`;
  return `${(100 * low).toFixed(1)}–${showPart(high)}`;
}

/** "a", "a and b", "a, b and c" */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** "1 class", "2 classes" */
export const countedClasses = (count: number): string => `${grouped(count)} ${count === 1 ? "class" : "classes"}`;
