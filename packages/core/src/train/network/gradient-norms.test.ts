import { describe, expect, it } from "vitest";
import { gradientNorms, limitBy, squareSum } from "./gradient-norms.js";

describe("gradientNorms", () => {
  it("tells the norm of all and whose is the largest", () => {
    expect(gradientNorms(["a", "b"], [9, 160])).toEqual({ global: 13, largest: "b" });
  });

  it.each([
    ["before larger ones", [Number.NaN, 1e18], 0],
    ["behind them", [1e18, Number.NaN], 1],
    ["behind an infinite one", [Infinity, Number.NaN], 1],
  ] as const)("names the variable whose gradient is no number, %s", (_, squares, bad) => {
    expect(gradientNorms(["v0", "v1"], squares)).toEqual({ global: Number.NaN, largest: `v${bad}` });
  });

  it("tells an infinite norm", () => {
    expect(gradientNorms(["a", "b"], [1, Infinity])).toEqual({ global: Infinity, largest: "b" });
  });
});

describe("limitBy", () => {
  it("scales all down to the norm together, and never up", () => {
    expect(limitBy({ globalNorm: 6.5 }, 13)).toEqual({ factor: 0.5, most: Infinity });
    expect(limitBy({ globalNorm: 100 }, 13)).toEqual({ factor: 1, most: Infinity });
  });

  it("limits each value, with the norm or without", () => {
    expect(limitBy({ globalNorm: 6.5, value: 5 }, 13)).toEqual({ factor: 0.5, most: 5 });
    expect(limitBy({ value: 5 }, 13)).toEqual({ factor: 1, most: 5 });
    expect(limitBy({}, 13)).toEqual({ factor: 1, most: Infinity });
  });
});

it("squareSum adds the squares of a gradient times its factors", () => {
  expect(squareSum(Float32Array.of(3, -2), Float32Array.of(1, 2))).toBe(25);
});
