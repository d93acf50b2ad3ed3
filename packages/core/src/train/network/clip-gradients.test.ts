import { describe, expect, it } from "vitest";
import { clipGradients } from "./clip-gradients.js";

const gradients = () => ({ a: Float32Array.of(3, 0), b: Float32Array.of(0, -4, 12) });

describe("clipGradients", () => {
  it("tells the norm of all and whose is the largest, and changes nothing without a limit", () => {
    const given = gradients();
    expect(clipGradients(given, {})).toEqual({ global: 13, largest: "b" });
    expect(given).toEqual(gradients());
  });

  it("scales all down to the norm together, and never up", () => {
    const given = gradients();
    expect(clipGradients(given, { globalNorm: 6.5 }).global).toBe(13);
    expect(given).toEqual({ a: Float32Array.of(1.5, 0), b: Float32Array.of(0, -2, 6) });
    expect(clipGradients(given, { globalNorm: 100 }).global).toBe(6.5);
    expect(given.a).toEqual(Float32Array.of(1.5, 0));
  });

  it("limits each value to either side, after the norm", () => {
    const given = gradients();
    clipGradients(given, { value: 3.5 });
    expect(given).toEqual({ a: Float32Array.of(3, 0), b: Float32Array.of(0, -3.5, 3.5) });
    const both = gradients();
    clipGradients(both, { globalNorm: 6.5, value: 5 });
    expect(both.b).toEqual(Float32Array.of(0, -2, 5));
  });

  it.each([
    ["before larger ones", { bad: Float32Array.of(NaN), large: Float32Array.of(1e9) }],
    ["behind them", { large: Float32Array.of(1e9), bad: Float32Array.of(NaN) }],
    ["behind an infinite one", { large: Float32Array.of(Infinity), bad: Float32Array.of(1, NaN) }],
  ])("names the variable whose gradient is no number, %s", (_, given) => {
    expect(clipGradients(given as unknown as Record<string, Float32Array>, { globalNorm: 1 })).toEqual({
      global: NaN,
      largest: "bad",
    });
  });

  it("tells an infinite norm", () => {
    expect(clipGradients({ a: Float32Array.of(1), b: Float32Array.of(-Infinity) }, {})).toEqual({
      global: Infinity,
      largest: "b",
    });
  });
});
