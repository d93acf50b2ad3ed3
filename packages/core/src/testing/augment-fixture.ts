/** What Keras, SciPy, Pillow and OpenCV made of small planes: `fixtures/augment/expected.json`. */
import { readFileSync } from "node:fs";
import type { FillMode } from "../data/augment/fill-modes.js";
import type { GrayPlane } from "../data/augment/gray-plane.js";
import { repositoryFolder } from "./repository-folder.js";

interface Recorded {
  readonly height: number;
  readonly width: number;
  readonly values: readonly number[];
}

export interface AugmentFixture {
  readonly affine: readonly (Recorded & {
    readonly fill: FillMode;
    readonly flips: readonly string[];
    readonly theta?: number;
    readonly tx?: number;
    readonly ty?: number;
    readonly shear?: number;
    readonly zx?: number;
    readonly zy?: number;
  })[];
  readonly brightness: readonly (Recorded & { readonly factor: number })[];
  readonly blur: readonly (Recorded & { readonly sd: number })[];
  readonly clahe: readonly (Recorded & { readonly limit: number; readonly tiles: number })[];
  readonly elastic: readonly (Recorded & { readonly spacing: number; readonly fill: FillMode })[];
}

export const readAugmentFixture = (): AugmentFixture =>
  JSON.parse(readFileSync(repositoryFolder("fixtures", "augment", "expected.json"), "utf8"));

/** The plane that the recording script makes by the same formula. */
export function formulaPlane({ height, width }: Pick<Recorded, "height" | "width">): GrayPlane {
  const values = Float32Array.from({ length: height * width }, (_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    return (y * y * 7 + x * x * 3 + x * y * 5 + 11 * x) % 256;
  });
  return { values, height, width };
}

/** Largest difference between levels. */
export function levelsApart(values: Float32Array, expected: readonly number[] | Float32Array): number {
  if (values.length !== expected.length) return Number.NaN;
  return values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)), 0);
}
