/** Chooses the window of a training from its images: once, for training and prediction alike. */
import {
  forEachRows,
  fullWindow,
  Histogram,
  type PooledWindow,
  type SampleType,
  type SettledWindow,
  settleWindow,
  showWindow,
  type ValueRange,
  type Window,
} from "@grayling/core";
import { explainFileError } from "../dataset/explain-file-error.js";
import type { PagedImage } from "../dataset/paged-image.js";
import { readLevels } from "../dataset/read-levels.js";
import { hasEightBits } from "../images/has-eight-bits.js";

export interface ChosenWindow {
  readonly window: SettledWindow;
  /** How the samples of the images that were looked at are stored, without doubles. */
  readonly samples: readonly SampleType[];
  /** For people, of one line; absent where there was nothing to choose: 8 bits as they are. */
  readonly said?: string;
}

export interface ChooseOptions {
  /** What the user asked for; default: chosen from the images. */
  readonly asked?: Window | undefined;
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** Images of more than 8 bits, of one type: what lies beyond is noise, hot pixels and burnt-in marks. */
const usualWindow: PooledWindow = { kind: "percentiles", low: 0.1, high: 99.9 };

/** So many images, evenly spaced, tell the usual window; one that was asked for is told by all. */
const usualImages = 500;

/** So many tell which types there are, where no values are asked for. */
const fewImages = 20;

/**
 * `images`: those that train, since what validates must not tell anything. Where nothing is asked for: `full` for 8 bits,
 * without decoding any; `full` for images of several types, each by its own type, for their values do not compare;
 * else percentiles 0.1 and 99.9 of the values. Images that cannot be read are left out, as they are later.
 */
export async function chooseWindow(images: readonly PagedImage[], options: ChooseOptions = {}): Promise<ChosenWindow> {
  const { asked } = options;
  const deeper = images.filter(isDeeper);
  const hasEight = deeper.length < images.length;
  const eight: readonly SampleType[] = hasEight ? ["uint8"] : [];
  if (asked?.kind === "percentiles") return settle(asked, images, options);
  if (asked !== undefined) {
    const { samples } = await lookAt(evenly(deeper, 1), options);
    return { window: asked, samples: join(eight, samples), said: `window ${showWindow(asked)}` };
  }
  if (deeper.length === 0) return { window: fullWindow, samples: eight };
  if (hasEight) return chooseForSeveral(join(eight, (await lookAt(evenly(deeper, fewImages), options)).samples));
  const chosen = await settle(usualWindow, evenly(deeper, usualImages), options);
  const isOne = chosen.samples.length === 1 && chosen.samples[0] !== "uint8"; // a scan may have 8 bits
  return isOne ? chosen : chooseForSeveral(chosen.samples);
}

function chooseForSeveral(samples: readonly SampleType[]): ChosenWindow {
  if (samples.length <= 1) return { window: fullWindow, samples };
  const types = samples.join(" and ");
  const said = `images of ${types} together: window full, each by what its type can hold; choose one with --window`;
  return { window: fullWindow, samples, said };
}

/** False for what cannot be opened: reading tells the reason. */
function isDeeper({ path, page }: PagedImage): boolean {
  try {
    return !hasEightBits(path, page);
  } catch (error) {
    if (explainFileError(error) === undefined) throw error;
    return false;
  }
}

async function settle(
  window: PooledWindow,
  images: readonly PagedImage[],
  options: ChooseOptions,
): Promise<ChosenWindow> {
  const { histogram, samples, bitDepths } = await lookAt(images, options);
  const settled = settleWindow(window, histogram);
  const ofSome = images.length === usualImages ? ` of ${usualImages} images` : "";
  const said =
    `${describe(samples, bitDepths)} images, values ${showRange(histogram.range)}${ofSome}: ` +
    `window ${showWindow(window)} = ${showWindow(settled)}`;
  return { window: settled, samples, said };
}

interface Seen {
  readonly histogram: Histogram;
  readonly samples: readonly SampleType[];
  readonly bitDepths: readonly number[];
}

async function lookAt(
  images: readonly PagedImage[],
  { maxPixels, signal, onProgress }: Omit<ChooseOptions, "asked">,
): Promise<Seen> {
  const histogram = new Histogram(); // of finite values: pictures with others are refused when they are decoded
  const samples = new Set<SampleType>();
  const bitDepths = new Set<number>();
  let done = 0;
  for await (const { levels, bitDepth } of readLevels(images, { maxPixels, signal })) {
    samples.add(levels.samples);
    bitDepths.add(bitDepth);
    const isFloat = levels.samples.startsWith("float");
    forEachRows(levels, (values) => histogram.add(isFloat ? values.filter(Number.isFinite) : values));
    onProgress?.({ done: ++done, total: images.length });
  }
  return { histogram, samples: [...samples].sort(), bitDepths: [...bitDepths].sort((a, b) => a - b) };
}

/** So many of them, or all, in equal steps. */
function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

const join = (a: readonly SampleType[], b: readonly SampleType[]): SampleType[] => [...new Set([...a, ...b])].sort();

/** `16-bit`, `12-bit and 16-bit`, `float32`. */
function describe(samples: readonly SampleType[], bitDepths: readonly number[]): string {
  const isUnsigned = samples.every((type) => type.startsWith("uint"));
  return (isUnsigned ? bitDepths.map((bits) => `${bits}-bit`) : samples).join(" and ") || "no";
}

/** `180–4,095`, and `−20.5 … 83.2` where a dash would look like a minus. */
const showRange = ({ low, high }: ValueRange): string =>
  `${showNumber(low)}${low < 0 || high < 0 ? " … " : "–"}${showNumber(high)}`;

/** `4,095`, `−20.5`: with the minus of print. */
const showNumber = (value: number): string =>
  Number(value.toPrecision(6)).toLocaleString("en", { maximumFractionDigits: 6 }).replace("-", "−");
