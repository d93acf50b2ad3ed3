/** Augmentation as the flags that ask for it. */
import { isDeepStrictEqual } from "node:util";
import { type AugmentOptions, type AugmentTexts, parseAugmentation, presetNames, presets } from "@grayling/core";

/**
 * A preset and what is said beside it, as few words as will do; undefined where flags cannot say it, which no training by flags
 * comes to.
 */
export function augmentFlags(options: AugmentOptions): string[] | undefined {
  const said = presetNames
    .map((preset) => ({ preset, ...textsBeside(presets[preset], options) }))
    .filter((texts) => isDeepStrictEqual(parsed(texts), plain(options)))
    .map(flagsOf);
  return said.sort((a, b) => a.length - b.length)[0];
}

function parsed(texts: AugmentTexts): unknown {
  try {
    return plain(parseAugmentation(texts));
  } catch {
    return undefined; // a range that no text has
  }
}

/** As it comes back from a file. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What has to be said of `wanted` beside a preset. */
function textsBeside(preset: AugmentOptions, wanted: AugmentOptions): AugmentTexts {
  const differs = (kind: keyof AugmentOptions) =>
    !isDeepStrictEqual(plain(preset[kind] ?? null), plain(wanted[kind] ?? null));
  const range = (kind: keyof AugmentOptions, values: readonly [number, number] | undefined) =>
    values && differs(kind) ? `${values[0]}:${values[1]}` : undefined;
  return {
    ...(differs("move") && wanted.move && moveTexts(wanted.move)),
    brightness: range("brightness", wanted.brightness?.factor),
    contrast: range("contrast", wanted.contrast?.factor),
    gamma: range("gamma", wanted.gamma?.gamma),
    noise: range("gaussianNoise", wanted.gaussianNoise?.sd),
    poisson: range("poissonNoise", wanted.poissonNoise?.photons),
    blur: range("blur", wanted.blur?.sd),
    cutOut: range("cutOut", wanted.cutOut?.side),
    elastic: range("elastic", wanted.elastic?.shift),
    clahe: range("clahe", wanted.clahe?.limit),
    fill: differs("fill") ? wanted.fill : undefined,
    cval: differs("cval") && wanted.cval !== undefined ? String(wanted.cval) : undefined,
  };
}

/** Ranges around 0 by their end. */
function moveTexts(move: NonNullable<AugmentOptions["move"]>): AugmentTexts {
  const { rotation, shiftX, shiftY, shearing, zoomX, flipX, flipY } = move;
  const end = (range: readonly [number, number] | undefined) => (range ? String(range[1]) : undefined);
  return {
    rotation: end(rotation),
    shiftX: end(shiftX),
    shiftY: end(shiftY),
    shear: end(shearing),
    zoom: zoomX && `${zoomX[0]}:${zoomX[1]}`,
    flipHorizontal: flipX === undefined ? undefined : flipX > 0,
    flipVertical: flipY === undefined ? undefined : flipY > 0,
  };
}

function flagsOf({ preset, flipHorizontal, flipVertical, ...texts }: AugmentTexts): string[] {
  const flip = (axis: string, value: boolean | undefined) =>
    value === undefined ? [] : [value ? `--flip-${axis}` : `--no-flip-${axis}`];
  return [
    ...(preset === undefined || preset === "none" ? [] : ["--augment", preset]),
    ...Object.entries(texts).flatMap(([name, value]) => (value === undefined ? [] : [flagOf(name), value])),
    ...flip("horizontal", flipHorizontal),
    ...flip("vertical", flipVertical),
  ];
}

/** "shiftX" → "--shift-x" */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
