import { readFileSync } from "node:fs";
import { pixelLevels } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { createPictureMeasure } from "./inspect-picture.js";
import { correlation } from "./likeness.js";

interface Reference {
  readonly kind: number;
  readonly height: number;
  readonly width: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly histogram: readonly number[];
  readonly hash: string;
  readonly correlationWithFirst: number;
}

// By NumPy, Pillow and SciPy, from the same formulas: fixtures/check/make.py.
const references: readonly Reference[] = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "check", "pictures.json"), "utf8"),
);

const formulas: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x * 3 + y * 5) % 256,
  (x, y) => (x * x + 7 * x * y + 3 * y * y) % 251,
  (x, y) => ((Math.floor(x / 9) + Math.floor(y / 7)) % 2 === 0 ? 40 : 200) + ((x * y) % 13),
  (x, y) => (x * x * 17 + y * y * 29 + x * y * 31) % 4096,
];

function draw({ kind, height, width }: Reference) {
  const values = Array.from({ length: height * width }, (_, i) => formulas[kind]!(i % width, Math.floor(i / width)));
  const data = kind === 3 ? Uint16Array.from(values) : Uint8Array.from(values);
  return pixelLevels({ data, height, width, channels: 1, layout: "gray" });
}

describe("what is measured of a picture", () => {
  const measure = createPictureMeasure();
  const first = measure(draw(references[0]!));

  it.each(references)("is what NumPy, Pillow and SciPy measure: formula $kind, $height × $width", (reference) => {
    const measured = measure(draw(reference));
    expect(measured).toMatchObject({ min: reference.min, max: reference.max, hash: reference.hash });
    expect(measured.mean).toBeCloseTo(reference.mean, 9); // whole numbers: exact sums
    for (const [i, part] of reference.histogram.entries()) expect(measured.histogram[i]).toBeCloseTo(part, 6); // float32
    // Thumbnails have 256 steps of their own range: half a step of 255 on either side, averaged over 2,304 pixels.
    expect(Math.abs(correlation(measured.thumbnail, first.thumbnail) - reference.correlationWithFirst)).toBeLessThan(
      1e-3,
    );
  });

  it("keeps the detail of a picture that uses 12 of 16 bits", () => {
    const { thumbnail, range } = measure(draw(references[3]!));
    expect(new Set(thumbnail.values).size).toBeGreaterThan(100); // 16 if it went through 8 bits
    expect(range).toEqual({ low: 0, high: 65535 });
    expect(thumbnail.white).toBeLessThan(4096);
  });

  it("reads floats in their own units, in bins over their own range", () => {
    const data = Float32Array.from({ length: 600 }, (_, i) => -20.5 + i / 6);
    const { min, max, range, histogram } = measure(
      pixelLevels({ data, height: 20, width: 30, channels: 1, layout: "gray" }),
    );
    expect([min, max]).toEqual([range.low, range.high]);
    expect(min).toBe(-20.5);
    expect(histogram.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(histogram[63]).toBeGreaterThan(0);
  });

  it("shows an inverted file as its original", () => {
    const levels = draw(references[2]!);
    const negative = {
      ...levels,
      isInverted: true,
      readValues: (y: number, values: Float32Array) => {
        levels.readValues(y, values);
        for (let i = 0; i < values.length; i++) values[i] = 255 - values[i]!;
      },
    };
    expect(measure(negative)).toEqual(measure(levels));
  });

  it("finds no likeness in a picture of one level", () => {
    const flat = measure(
      pixelLevels({ data: new Uint8Array(6).fill(9), height: 2, width: 3, channels: 1, layout: "gray" }),
    );
    expect(correlation(flat.thumbnail, first.thumbnail)).toBe(0);
    expect(flat).toMatchObject({ mean: 9, min: 9, max: 9 });
  });
});
