/**
 * A window: which values of a file become black (0) and white (255). One named thing, chosen once, the same in training and
 * prediction, and written as text in flags, in models and in messages.
 */
import { didYouMean } from "../did-you-mean.js";
import { InputError } from "../errors.js";
import type { ValueRange } from "./levels.js";

/**
 * A window that turns one picture into gray levels without looking at others.
 * - `full`: what the file's type can hold (`Levels.range`); 8 bits stay as they are.
 * - `image`: each picture's own smallest and largest value.
 * - `dicom`: the window centre and width that each file states.
 * - `values`: from `low` to `high` in the file's own units; beyond them is black and white.
 */
export type SettledWindow =
  | { readonly kind: "full" }
  | { readonly kind: "image" }
  | { readonly kind: "dicom" }
  | ({ readonly kind: "values" } & ValueRange);

/** Percentiles, 0–100, of all values of the training images; `settleWindow` makes `values` of it. `minmax` is 0 and 100. */
export interface PooledWindow {
  readonly kind: "percentiles";
  readonly low: number;
  readonly high: number;
}

export type Window = SettledWindow | PooledWindow;

export const fullWindow: SettledWindow = { kind: "full" };

const named: ReadonlyMap<string, Window> = new Map<string, Window>([
  ["full", fullWindow],
  ["minmax", { kind: "percentiles", low: 0, high: 100 }],
  ["image", { kind: "image" }],
  ["dicom", { kind: "dicom" }],
]);

const number = String.raw`[-−+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const percentilesText = /^p(\d+(?:\.\d+)?)-p?(\d+(?:\.\d+)?)$/i;
const valuesText = new RegExp(`^(${number}):(${number})$`, "i");

/** `full`, `minmax`, `p1-p99`, `image`, `dicom`, or `low:high` (`-20.5:83.2`). Throws `InputError` for any other text. */
export function parseWindow(text: string): Window {
  const trimmed = text.trim();
  const byName = named.get(trimmed.toLowerCase());
  if (byName) return byName;
  const percentiles = percentilesText.exec(trimmed);
  if (percentiles) return percentileWindow(text, Number(percentiles[1]), Number(percentiles[2]));
  const values = valuesText.exec(trimmed);
  if (values) return valueWindow(text, readNumber(values[1]!), readNumber(values[2]!));
  throw new InputError(
    `window "${text}": expected full, minmax, image, dicom, percentiles such as p1-p99, or low:high in the files' own units such as 210:3980${didYouMean(text, [...named.keys()])}`,
  );
}

/** As `parseWindow`, for a window that has been settled: the text in a model. */
export function parseSettledWindow(text: string): SettledWindow {
  const window = parseWindow(text);
  if (window.kind !== "percentiles") return window;
  throw new InputError(`window "${text}": expected one that needs no other images: full, image, dicom, or low:high`);
}

/** The text that `parseWindow` reads as this window. */
export function showWindow(window: Window): string {
  if (window.kind === "values") return `${window.low}:${window.high}`;
  if (window.kind !== "percentiles") return window.kind;
  return window.low === 0 && window.high === 100 ? "minmax" : `p${window.low}-p${window.high}`;
}

function percentileWindow(text: string, low: number, high: number): PooledWindow {
  if (low < high && high <= 100) return { kind: "percentiles", low, high };
  throw new InputError(`window "${text}": expected two rising percentiles from 0 to 100, such as p1-p99`);
}

function valueWindow(text: string, low: number, high: number): SettledWindow {
  if (low < high && Number.isFinite(high - low)) return { kind: "values", low, high };
  throw new InputError(
    `window "${text}": expected low below high, such as 210:3980; dark and light are not exchanged by a window`,
  );
}

/** The minus of print, U+2212, is taken as well: messages show it. */
const readNumber = (text: string): number => Number(text.replace("−", "-"));
