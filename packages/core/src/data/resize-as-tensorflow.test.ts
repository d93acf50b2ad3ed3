import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { applyWindow } from "./apply-window.js";
import { pixelLevels } from "./pixel-levels.js";
import { resize } from "./resize.js";

/** What fixtures/resize/make_tensorflow.py records; differences are [greatest, mean] in levels. */
interface Case {
  readonly source: [height: number, width: number];
  readonly target: [height: number, width: number];
  readonly antialias: number[];
  readonly plain: number[];
  readonly "plain from pillow": [number, number];
}

const recorded = JSON.parse(readFileSync(repositoryFolder("fixtures", "resize", "tensorflow.json"), "utf8")) as {
  cases: Case[];
};

/** The formula of fixtures/resize/make.py, resized. */
function resized({ source: [height, width], target }: Case): Float32Array {
  const data = Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return (y * y * 7 + x * x * 3 + x * y * 5 + 11 * x) % 256;
  });
  const levels = pixelLevels({ data, height, width, channels: 1, layout: "gray" });
  return resize(applyWindow(levels, { kind: "full" }), { height: target[0], width: target[1], fit: "stretch" });
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

  it.each(named.filter(([, , one]) => !shrinks(one)))(
    "from %s to %s, where no side shrinks, is also its bilinear without, which Keras uses",
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
