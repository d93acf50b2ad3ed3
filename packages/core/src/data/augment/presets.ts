/** Named sets of augmentations, to begin with. */
import type { AugmentOptions, Range } from "./operations.js";

/** From −value to value. */
export const around0 = (value: number): Range => [-value, value];
/** From 1 − value to 1 + value. */
export const around1 = (value: number): Range => [1 - value, 1 + value];

/** The same range for both axes, as most have it. */
const zoom = (range: Range) => ({ zoomX: range, zoomY: range });
const shift = (range: Range) => ({ shiftX: range, shiftY: range });

export type PresetName = "none" | "light" | "medium" | "strong" | "xray" | "surface" | "micro" | "document";

/**
 * Only where no direction means anything (surfaces, what lies under a microscope) are pictures flipped and turned all
 * around: a flip makes another letter, and puts the heart on the right. Say `flipX` where your classes do not mind.
 */
export const presets: { readonly [P in PresetName]: AugmentOptions } = {
  none: {},
  light: {
    move: { rotation: around0(5), ...shift(around0(0.03)), ...zoom(around1(0.05)) },
    brightness: { factor: around1(0.1) },
  },
  medium: {
    move: { rotation: around0(10), ...shift(around0(0.06)), ...zoom(around1(0.1)), shearing: around0(4) },
    brightness: { factor: around1(0.15), chance: 0.5 },
    contrast: { factor: around1(0.15), chance: 0.5 },
    gaussianNoise: { sd: [0, 5], chance: 0.3 },
  },
  strong: {
    move: { rotation: around0(20), ...shift(around0(0.1)), ...zoom(around1(0.2)), shearing: around0(8) },
    brightness: { factor: [0.7, 1.2], chance: 0.5 }, // more would wash out what is bright
    contrast: { factor: around1(0.3), chance: 0.5 },
    gamma: { gamma: [0.7, 1.4], chance: 0.3 },
    blur: { sd: [0.3, 1], chance: 0.2 },
    gaussianNoise: { sd: [0, 10], chance: 0.4 },
    cutOut: { holes: 1, side: [0.1, 0.3], chance: 0.5 },
  },
  // A patient who stands a little otherwise, another exposure, another dose. Shear and bending would be other anatomy.
  xray: {
    move: { rotation: around0(7), ...shift(around0(0.05)), ...zoom(around1(0.08)) },
    contrast: { factor: around1(0.2), chance: 0.5 },
    gamma: { gamma: [0.8, 1.25], chance: 0.5 },
    poissonNoise: { photons: [300, 3000], chance: 0.5 },
  },
  // The part lies anywhere under another lamp. No blur and no cut-out: they would hide fine cracks.
  surface: {
    move: { rotation: around0(10), ...shift(around0(0.1)), ...zoom(around1(0.1)), flipX: 0.5, flipY: 0.5 },
    brightness: { factor: around1(0.25), chance: 0.5 },
    contrast: { factor: around1(0.25), chance: 0.5 },
    gaussianNoise: { sd: [0, 6], chance: 0.5 },
    fill: "reflect",
  },
  // Every direction is the same, cells are soft, focus and dose vary.
  micro: {
    move: { rotation: around0(180), ...shift(around0(0.05)), ...zoom(around1(0.1)), flipX: 0.5, flipY: 0.5 },
    elastic: { spacing: [0.12, 0.2], shift: [0, 0.02], chance: 0.3 },
    brightness: { factor: around1(0.15), chance: 0.5 },
    contrast: { factor: around1(0.15), chance: 0.5 },
    blur: { sd: [0.3, 1.2], chance: 0.3 },
    poissonNoise: { photons: [100, 1000], chance: 0.5 },
    fill: "reflect",
  },
  // Another hand, another scanner: strokes lean, shrink and wander. They are thin and clean, so neither noise nor blur,
  // and a letter is never mirrored.
  document: {
    move: { rotation: around0(10), ...shift(around0(0.08)), ...zoom(around1(0.12)), shearing: around0(6) },
  },
};

export const presetNames = Object.keys(presets) as readonly PresetName[]; // the keys of a closed table
