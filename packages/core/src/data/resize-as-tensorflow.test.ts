import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { applyWindow } from "./apply-window.js";
import { pixelLevels } from "./pixel-levels.js";
import { type Framing, resize } from "./resize.js";

/** What fixtures/resize/make_tensorflow.py records; differences are [greatest, mean] in levels. */
interface Sizes {
  readonly source: [height: number, width: number];
  readonly target: [height: number, width: number];
}

interface Case extends Sizes {
  readonly antialias: number[];
  readonly plain: number[];
  readonly loaded: number[];
  readonly "plain from pillow": [number, number];
}

const recorded = JSON.parse(readFileSync(repositoryFolder("fixtures", "resize", "tensorflow.json"), "utf8")) as {
  cases: Case[];
  cropped: (Sizes & { readonly values: number[] })[];
};

/** The formula of fixtures/resize/make.py, resized. */
function resized({ source: [height, width], target }: Sizes, how: Partial<Framing> = {}): Float32Array {
  const data = Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return (y * y * 7 + x * x * 3 + x * y * 5 + 11 * x) % 256;
  });
  const levels = pixelLevels({ data, height, width, channels: 1, layout: "gray" });
  const framing = { height: target[0], width: target[1], fit: "stretch", ...how } as const;
  return resize(applyWindow(levels, { kind: "full" }), framing);
}

function difference(actual: Float32Array, expected: readonly number[]) {
  const each = Array.from(actual, (value, i) => Math.abs(value - expected[i]!));
  return { greatest: Math.max(...each), mean: each.reduce((a, b) => a + b, 0) / each.length };
}

const named = recorded.cases.map((one) => [one.source.join(" × "), one.target.join(" × "), one] as const);
const shrinks = ({ source, target }: Case) => source[0] > target[0] || source[1] > target[1];

describe("resize", () => {
  // TensorFlow computes places and weights in float32: 1e-7 of a place of 50, times steps of 255 levels.
  it.each(named)("from %s to %s is TensorFlow's bilinear with antialias", (_source, _target, one) => {
    expect(difference(resized(one), one.antialias).greatest).toBeLessThan(1e-3);
  });

  // Places are float32 as there; what is left is its interpolation in float32, and the four digits that are recorded.
  it.each(named)("from %s to %s with bilinear is its bilinear without, which Keras uses", (_source, _target, one) => {
    expect(difference(resized(one, { interpolation: "bilinear" }), one.plain).greatest).toBeLessThan(2e-4);
  });

  it.each(named)("from %s to %s with nearest is what Keras' load_img gives, exactly", (_source, _target, one) => {
    expect(Array.from(resized(one, { interpolation: "nearest" }))).toEqual(one.loaded);
  });

  // TensorFlow has the middle in float32, too, and divides by sums of weights.
  it.each(recorded.cropped.map((one) => [one.source.join(" × "), one.target.join(" × "), one] as const))(
    "from %s to %s with bilinear crops the middle as its ScaleAndTranslate",
    (_source, _target, one) => {
      const actual = resized(one, { interpolation: "bilinear", fit: "crop" });
      expect(difference(actual, one.values).greatest).toBeLessThan(1e-3);
    },
  );

  it.each(named.filter(([, , one]) => !shrinks(one)))(
    "from %s to %s, where no side shrinks, is also its bilinear without",
    (_source, _target, one) => expect(difference(resized(one), one.plain).greatest).toBeLessThan(1e-3),
  );

  it.each(named.filter(([, , one]) => shrinks(one)))(
    "from %s to %s is as far from its bilinear without antialias as Pillow's is",
    (_source, _target, one) => {
      const [greatest, mean] = one["plain from pillow"];
      const { greatest: ourGreatest, mean: ourMean } = difference(resized(one), one.plain);
      expect(Math.abs(ourGreatest - greatest)).toBeLessThan(2e-3);
      expect(Math.abs(ourMean - mean)).toBeLessThan(2e-3);
    },
  );
});
