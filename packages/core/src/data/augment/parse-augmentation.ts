/** Single options of augmentation as text, each with the meaning it has in Keras' `ImageDataGenerator`, if it is there. */
import { didYouMean } from "../../did-you-mean.js";
import { InputError } from "../../errors.js";
import { fillModes } from "./fill-modes.js";
import type { AugmentOptions, Range } from "./operations.js";
import { around0, around1, presetNames, presets } from "./presets.js";

/** What a user may say beside a preset; each takes the place of what the preset says of it. */
export interface AugmentTexts {
  /** Its name; default `none`. */
  readonly preset?: string | undefined;
  /** Degrees to either side. */
  readonly rotation?: string | undefined;
  /** Part of the side, below 1, in both directions of both axes. */
  readonly shift?: string | undefined;
  /** Of the width alone; Keras' `width_shift_range`. */
  readonly shiftX?: string | undefined;
  /** Of the height alone; Keras' `height_shift_range`. */
  readonly shiftY?: string | undefined;
  /** Degrees to either side. */
  readonly shear?: string | undefined;
  /** z: from 1 − z to 1 + z, or least:most; drawn for each axis. */
  readonly zoom?: string | undefined;
  readonly flipHorizontal?: boolean | undefined;
  readonly flipVertical?: boolean | undefined;
  /** Factors: least:most, or b: from 1 − b to 1 + b. */
  readonly brightness?: string | undefined;
  readonly contrast?: string | undefined;
  /** Exponents: least:most, or g: from 1 − g to 1 + g. */
  readonly gamma?: string | undefined;
  /** Largest standard deviation in levels, or least:most. */
  readonly noise?: string | undefined;
  /** Photons that make white: the fewest, of ten times as many, or least:most. */
  readonly poisson?: string | undefined;
  /** Largest standard deviation in px, or least:most. */
  readonly blur?: string | undefined;
  /** Largest side of a hole, in parts of the plane's, or least:most. */
  readonly cutOut?: string | undefined;
  /** Largest standard deviation of shifts, in parts of the longer side, or least:most. */
  readonly elastic?: string | undefined;
  /** Largest clip limit, from 1, or least:most. */
  readonly clahe?: string | undefined;
  readonly fill?: string | undefined;
  /** Level, 0–255. */
  readonly cval?: string | undefined;
}

/** Throws `InputError` of one line, which names the option, what it may be, and what came. */
export function parseAugmentation(texts: AugmentTexts): AugmentOptions {
  const { fill, cval } = texts;
  const preset: AugmentOptions = presets[oneOf("augmentation", texts.preset ?? "none", presetNames)];
  const move = { ...preset.move, ...parseMove(texts) };
  return {
    ...preset,
    ...(Object.keys(move).length > 0 && { move }),
    ...parseTone(texts),
    ...parseNoise(texts),
    ...(fill !== undefined && { fill: oneOf("fill", fill, fillModes) }),
    ...(cval !== undefined && { cval: parseLevel(cval) }),
  };
}

function parseMove(texts: AugmentTexts): NonNullable<AugmentOptions["move"]> {
  const { rotation, shift, shiftX = shift, shiftY = shift, shear, zoom, flipHorizontal, flipVertical } = texts;
  const zoomed = zoom === undefined ? undefined : parseRange("zoom", zoom, factors.zoom);
  return {
    ...(rotation !== undefined && { rotation: around0(parseOne("rotation", rotation, degrees(180))) }),
    ...(shiftX !== undefined && { shiftX: around0(parseOne("shift", shiftX, partOfSide)) }),
    ...(shiftY !== undefined && { shiftY: around0(parseOne("shift", shiftY, partOfSide)) }),
    ...(shear !== undefined && { shearing: around0(parseOne("shear", shear, degrees(89))) }),
    ...(zoomed && { zoomX: zoomed, zoomY: zoomed }),
    ...(flipHorizontal !== undefined && { flipX: flipHorizontal ? 0.5 : 0 }),
    ...(flipVertical !== undefined && { flipY: flipVertical ? 0.5 : 0 }),
  };
}

function parseTone({ brightness, contrast, gamma, clahe }: AugmentTexts): AugmentOptions {
  return {
    ...(brightness !== undefined && { brightness: { factor: parseRange("brightness", brightness, factors.tone) } }),
    ...(contrast !== undefined && { contrast: { factor: parseRange("contrast", contrast, factors.tone) } }),
    ...(gamma !== undefined && { gamma: { gamma: parseRange("gamma", gamma, factors.gamma) } }),
    ...(clahe !== undefined && { clahe: { limit: parseRange("clahe", clahe, amounts.clahe), tiles: 8 } }),
  };
}

function parseNoise({ noise, poisson, blur, cutOut, elastic }: AugmentTexts): AugmentOptions {
  const bent = elastic === undefined ? undefined : parseRange("elastic", elastic, amounts.elastic);
  return {
    ...(noise !== undefined && { gaussianNoise: { sd: parseRange("noise", noise, amounts.noise) } }),
    ...(poisson !== undefined && { poissonNoise: { photons: parseRange("poisson", poisson, amounts.poisson) } }),
    ...(blur !== undefined && { blur: { sd: parseRange("blur", blur, amounts.blur) } }),
    ...(cutOut !== undefined && { cutOut: { holes: 1, side: parseRange("cut-out", cutOut, amounts.cutOut) } }),
    ...(bent && { elastic: { spacing: [0.12, 0.2], shift: bent } }),
  };
}

/** Which numbers an option takes, in words and in fact, and what range one number alone stands for. */
interface Numbers {
  readonly expected: string;
  readonly least: number;
  readonly most: number;
  readonly rangeOf: (value: number) => Range;
}

const degrees = (most: number): Numbers => ({
  expected: `degrees from 0 to ${most}`,
  least: 0,
  most,
  rangeOf: around0,
});

const partOfSide: Numbers = {
  expected: "a part of the side, from 0 to 0.99 (px divided by the side)",
  least: 0,
  most: 0.99,
  rangeOf: around0,
};

const factorsUpTo = (least: number, most: number): Numbers => ({
  expected: `a part such as 0.2 (from 0.8 to 1.2), or least:most, from ${least} to ${most}`,
  least,
  most,
  rangeOf: around1,
});
const factors = { zoom: factorsUpTo(0.05, 20), tone: factorsUpTo(0, 10), gamma: factorsUpTo(0.1, 10) };

const amountsUpTo = (what: string, least: number, most: number, rangeOf: Numbers["rangeOf"]): Numbers => ({
  expected: `${what} from ${least} to ${most}, or least:most`,
  least,
  most,
  rangeOf,
});
const from0 = (value: number): Range => [0, value];
const amounts = {
  noise: amountsUpTo("the largest standard deviation in levels,", 0, 255, from0),
  // With ten times as many photons the noise is a third.
  poisson: amountsUpTo("the fewest photons for white,", 1, 1e7, (value) => [value, 10 * value]),
  blur: amountsUpTo("the largest standard deviation in px,", 0, 50, from0),
  cutOut: amountsUpTo("the largest side of the hole, in parts of the image's,", 0, 1, from0),
  elastic: amountsUpTo("the largest shift, in parts of the longer side,", 0, 0.2, from0),
  clahe: amountsUpTo("the largest clip limit,", 1, 1000, (value) => [1, value]),
};

function parseOne(option: string, text: string, { expected, least, most }: Numbers): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new InputError(`${option}: expected ${expected}, got ${JSON.stringify(text)}`);
}

function parseRange(option: string, text: string, numbers: Numbers): Range {
  const values = text.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [first = Number.NaN, second] = values;
  const [least, most] = second === undefined ? numbers.rangeOf(first) : [first, second];
  const isWithin = numbers.least <= least && least <= most && most <= numbers.most;
  if (values.length <= 2 && isWithin) return [least, most];
  throw new InputError(`${option}: expected ${numbers.expected}, got ${JSON.stringify(text)}`);
}

function parseLevel(text: string): number {
  return parseOne("cval", text, { expected: "a level from 0 to 255", least: 0, most: 255, rangeOf: around0 });
}

function oneOf<T extends string>(option: string, text: string, values: readonly T[]): T {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  const near = didYouMean(text, values);
  throw new InputError(`${option}: expected one of ${values.join(", ")}, got ${JSON.stringify(text)}${near}`);
}
