/** The operations that augmentation knows: what each may be told (ranges), and what one drawn at random is (numbers). */
import type { AffineMove } from "./affine-matrix.js";
import type { ClaheOptions } from "./clahe.js";
import type { Hole } from "./cut-out.js";
import type { FillMode } from "./fill-modes.js";
import type { Filling } from "./warp-affine.js";

/** Drawn evenly between the two. */
export type Range = readonly [least: number, most: number];

/** Part of the images that it happens to, 0–1; default all. */
export interface Chance {
  readonly chance?: number;
}

interface Seeded {
  /** Of what is drawn for every pixel. */
  readonly seed: number;
}

/** By kind, in the order in which they are applied: the scene, the light, the lens, the sensor, what hides it. */
export interface Operations {
  readonly move: {
    /** What is left out does not move; `flipX` and `flipY` are chances, 0–1. Numbers as in `AffineMove`. */
    readonly ranges: { readonly [F in Exclude<keyof AffineMove, "flipX" | "flipY">]?: Range } & {
      readonly flipX?: number;
      readonly flipY?: number;
    };
    readonly drawn: AffineMove & Filling;
  };
  readonly elastic: {
    /** Both in parts of the longer side: between the points of the grid, and the standard deviation of their shifts. */
    readonly ranges: { readonly spacing: Range; readonly shift: Range } & Chance;
    readonly drawn: { readonly spacing: number; readonly shift: number } & Filling & Seeded;
  };
  readonly clahe: {
    readonly ranges: { readonly limit: Range; readonly tiles: number } & Chance;
    readonly drawn: ClaheOptions;
  };
  /** Factors of every level. */
  readonly brightness: {
    readonly ranges: { readonly factor: Range } & Chance;
    readonly drawn: { readonly factor: number };
  };
  /** Factors of the distance to the mean level. */
  readonly contrast: {
    readonly ranges: { readonly factor: Range } & Chance;
    readonly drawn: { readonly factor: number };
  };
  /** Exponents: below 1 lightens the middle. */
  readonly gamma: { readonly ranges: { readonly gamma: Range } & Chance; readonly drawn: { readonly gamma: number } };
  /** Standard deviations in px of the plane, which has the size of the network's input. */
  readonly blur: { readonly ranges: { readonly sd: Range } & Chance; readonly drawn: { readonly sd: number } };
  /** Photons that make white. */
  readonly poissonNoise: {
    readonly ranges: { readonly photons: Range } & Chance;
    readonly drawn: { readonly photons: number } & Seeded;
  };
  /** Standard deviations in levels. */
  readonly gaussianNoise: {
    readonly ranges: { readonly sd: Range } & Chance;
    readonly drawn: { readonly sd: number } & Seeded;
  };
  /** Holes with sides of parts of the plane's. */
  readonly cutOut: {
    readonly ranges: { readonly holes: number; readonly side: Range } & Chance;
    readonly drawn: { readonly holes: readonly Hole[] };
  };
}

export type OperationKind = keyof Operations;

/** What may happen to an image: a row for each kind that does, and what lies beyond the border of what is moved. */
export type AugmentOptions = { readonly [K in OperationKind]?: Operations[K]["ranges"] } & {
  /** Default `nearest`, as in Keras. */
  readonly fill?: FillMode;
  /** Level of `constant`, 0–255; default 0. */
  readonly cval?: number;
};

/** What does happen to one image: plain numbers, to be printed, hashed and applied. */
export type DrawnOperation = { [K in OperationKind]: { readonly kind: K } & Operations[K]["drawn"] }[OperationKind];

export type DrawnAugmentation = readonly DrawnOperation[];
