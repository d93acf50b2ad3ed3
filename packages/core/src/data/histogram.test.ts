import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { Histogram, settleWindow } from "./histogram.js";

interface Expected {
  readonly n: number;
  readonly percentiles: readonly number[];
  readonly sets: Record<string, { readonly values: readonly number[]; readonly spread: number }>;
}

const expected = JSON.parse(readFileSync(repositoryFolder("fixtures", "windows", "expected.json"), "utf8")) as Expected;

/** The formulas of make.py; `unit` from 0 up to 1. */
const formulas: Record<string, (x: number, unit: number) => number> = {
  "8 bits": (x) => x % 256,
  "12 bits": (_, unit) => Math.floor(unit ** 3 * 4096),
  "16 bits": (x) => x % 65536,
  signed: (_, unit) => Math.floor(unit * 4000) - 1000,
  rescaled: (_, unit) => Math.floor(unit * 65535) - 1024 - 32768,
  degrees: (_, unit) => unit * 103.7 - 20.5,
  kelvin: (_, unit) => 273.15 + unit * 30,
  tiny: (_, unit) => unit * 1e-6,
  large: (_, unit) => unit * 1e9,
  "far below zero": (_, unit) => -(unit ** 2) * 1e6,
};

function valuesOf(name: string): Float32Array {
  return Float32Array.from({ length: expected.n }, (_, i) => {
    const x = Number((BigInt(i) * 2654435761n) % 2n ** 32n);
    return formulas[name]!(x, x / 2 ** 32);
  });
}

function histogramOf(...parts: readonly Float32Array[]): Histogram {
  const histogram = new Histogram();
  for (const part of parts) histogram.add(part);
  return histogram;
}

describe("a histogram", () => {
  it.each(["8 bits", "12 bits", "16 bits", "signed", "rescaled"])("gives NumPy's percentiles of %s exactly", (name) => {
    const values = valuesOf(name);
    const histogram = histogramOf(values.subarray(0, 5000), values.subarray(5000));
    expect(histogram.isExact).toBe(true);
    for (const [i, p] of expected.percentiles.entries()) {
      expect(histogram.percentile(p)).toBeCloseTo(expected.sets[name]!.values[i]!, 7); // interpolation in float64
    }
  });

  it.each(["degrees", "kelvin", "tiny", "large", "far below zero"])(
    "gives NumPy's percentiles of %s within the 2⁻¹³ of a value that it documents",
    (name) => {
      const values = valuesOf(name);
      const histogram = histogramOf(values);
      expect(histogram.isExact).toBe(false);
      for (const [i, p] of expected.percentiles.entries()) {
        const reference = expected.sets[name]!.values[i]!;
        // Interpolation may lie between bins that are off to different sides, hence the second term.
        const atol = Math.abs(reference) * 2 ** -13 + expected.sets[name]!.spread * 1e-7;
        expect(Math.abs(histogram.percentile(p) - reference)).toBeLessThanOrEqual(atol);
      }
      expect(histogram.percentile(0)).toBe(Math.min(...values));
      expect(histogram.percentile(100)).toBe(Math.max(...values) + 0); // 0 for −0
    },
  );

  it("counts whole numbers on when a fraction comes late, in any order", () => {
    const whole = valuesOf("12 bits");
    const late = histogramOf(whole, Float32Array.of(0.5));
    const early = histogramOf(Float32Array.of(0.5), whole);
    expect(late.count).toBe(expected.n + 1);
    for (const p of expected.percentiles) expect(late.percentile(p)).toBe(early.percentile(p));
    expect(Math.abs(late.percentile(50) - histogramOf(whole).percentile(50))).toBeLessThan(1);
  });

  it("of nothing is 0, of one value that value", () => {
    expect(new Histogram().percentile(50)).toBe(0);
    expect(new Histogram().range).toEqual({ low: 0, high: 0 });
    for (const value of [0, 7, -3, 0.1, -2.5e8, 1e30]) {
      const one = histogramOf(Float32Array.of(value));
      for (const p of [0, 50, 100]) expect(one.percentile(p)).toBe(Math.fround(value));
    }
  });
});

describe("a window of percentiles", () => {
  const p1 = { kind: "percentiles", low: 1, high: 99 } as const;

  it("becomes values, to six digits", () => {
    const [low, high] = [2, 6].map((i) => Number(expected.sets["kelvin"]!.values[i]!.toPrecision(4)));
    const window = settleWindow(p1, histogramOf(valuesOf("kelvin")));
    expect(window).toEqual({ kind: "values", low: expect.closeTo(low!, 0), high: expect.closeTo(high!, 0) });
    expect(settleWindow({ ...p1, low: 0, high: 100 }, histogramOf(valuesOf("16 bits")))).toEqual({
      kind: "values",
      low: expected.sets["16 bits"]!.values[0],
      high: expected.sets["16 bits"]!.values[8],
    });
  });

  it("never is empty: of nearly one value all the range, of one value one step", () => {
    const nearlyOne = new Float32Array(1000).fill(7);
    nearlyOne[3] = 9;
    expect(settleWindow(p1, histogramOf(nearlyOne))).toEqual({ kind: "values", low: 7, high: 9 });
    expect(settleWindow(p1, histogramOf(new Float32Array(9).fill(7)))).toEqual({ kind: "values", low: 7, high: 8 });
    expect(settleWindow(p1, new Histogram())).toEqual({ kind: "values", low: 0, high: 1 });
  });
});
