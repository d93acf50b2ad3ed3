import { describe, expect, it } from "vitest";
import { lineColors, shades } from "./chart-colors.js";

type Linear = readonly [number, number, number];

const toLinear = (hex: string): Linear =>
  [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Linear; // three

/** Source: WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = toLinear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]; // as many
  return (high + 0.05) / (low + 0.05);
}

/** Source: Ottosson 2020, https://bottosson.github.io/posts/oklab/. */
function toLab([red, green, blue]: Linear): Linear {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Of linear RGB, severity 1. Source: Machado et al. 2009, table 1. */
const eyes: Readonly<Record<string, readonly Linear[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "red-blind": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "green-blind": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

const grounds = ["light", "dark"] as const;

describe("the colours of charts", () => {
  it("have a contrast of 4.5 where they are text and 3 where they are lines, on either ground", () => {
    for (const ground of grounds) {
      const paper = shades.paper[ground];
      for (const name of ["ink", "muted"] as const) {
        expect(contrast(shades[name][ground], paper)).toBeGreaterThanOrEqual(4.5);
      }
      for (const name of [...lineColors, "crowd"] as const) {
        expect(contrast(shades[name][ground], paper)).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it("leave numbers in cells a contrast of 4.5", () => {
    for (const ground of grounds) {
      for (const [name, shade] of Object.entries(shades)) {
        if (!/^(right|wrong)/.test(name)) continue;
        expect(contrast(shades.ink[ground], shade[ground])).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("are told apart by normal, red-blind and green-blind eyes", () => {
    for (const ground of grounds) {
      for (const matrix of Object.values(eyes)) {
        const seen = lineColors.map((name) => {
          const color = toLinear(shades[name][ground]);
          const cones = matrix.map((row) => Math.max(0, row[0] * color[0] + row[1] * color[1] + row[2] * color[2]));
          return toLab(cones as unknown as Linear); // three rows
        });
        for (const [i, a] of seen.entries()) {
          for (const b of seen.slice(0, i)) {
            // 2 can just be told apart when they touch; lines are thin and apart.
            expect(100 * Math.hypot(...a.map((part, k) => part - b[k]!))).toBeGreaterThanOrEqual(12);
          }
        }
      }
    }
  });

  it("differ from each other on light ground, since that is what a drawing is recoloured by", () => {
    const light = Object.values(shades).map((shade) => shade.light);
    expect(new Set(light).size).toBe(light.length);
  });
});
