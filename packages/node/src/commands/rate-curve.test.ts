import type { TriedRate } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { rateCurve, rateLines } from "./rate-curve.js";

/** A loss that falls from 3 to 1 at a rate of 1e-3 and then runs away. */
const tried: TriedRate[] = Array.from({ length: 49 }, (_, i) => {
  const rate = 1e-6 * 10 ** ((6 * i) / 48);
  const loss = rate <= 1e-3 ? 3 + (2 / 3) * (-6 - Math.log10(rate)) : 1 + 5 * (Math.log10(rate) + 3);
  return { rate, loss, smoothed: loss };
});

describe("the curve of rates", () => {
  it("has its lowest dot at the bottom, at the rate of the least loss, and marks the proposal", () => {
    const lines = rateLines(tried, 1e-4);
    expect(lines[0]).toBe("loss");
    const bottom = lines[12]!;
    expect(bottom.slice(0, 6).trim()).toBe("1.00");
    expect(bottom[7 + Math.round(63 / 2)]).toBe("•"); // 1e-3 lies in the middle of 1e-6 … 1; the label has 7 characters
    expect(bottom.lastIndexOf("•") - 7).toBeLessThan(63 * 0.6);
    const marks = lines.slice(1, 13).map((line) => line.indexOf("|"));
    expect(new Set(marks.filter((mark) => mark !== -1)).size).toBe(1);
    expect((marks.find((mark) => mark !== -1)! - 7) / 63).toBeCloseTo(1 / 3, 1);
    expect(lines.at(-1)).toContain("1e-6");
    for (const line of lines) expect(line.length).toBeLessThan(80);
  });

  it("fits a narrow terminal", () => {
    const lines = rateLines(tried, 1e-4, 50);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(50);
    expect(lines.some((line) => line.length > 40)).toBe(true);
  });

  it("is a picture with as many points as rates, axes at powers of ten, and the proposal as a number", () => {
    const svg = rateCurve(tried, 1e-4);
    const [, points] = /<polyline points="([^"]*)"/.exec(svg)!;
    expect(points!.split(" ")).toHaveLength(49);
    for (const tick of ["1e-6", "1e-3", "1e+0"]) expect(svg).toContain(`>${tick}</text>`);
    expect(svg).toContain("proposed: 0.0001<");
    expect(svg.match(/<svg /g)).toHaveLength(1);
  });

  it("tells losses that differ little apart, and keeps its words above the plot and on the page", () => {
    const flat = tried.map((each) => ({ ...each, smoothed: 1.2 + 1e-3 * each.smoothed }));
    const labels = [...rateCurve(flat, undefined).matchAll(/>(1\.2\d+)</g)].map(([, label]) => label);
    expect(new Set(labels).size).toBe(3);
    for (const [rate, anchor] of [
      [1e-6, "start"],
      [1e-3, "middle"],
      [1, "end"],
    ] as const) {
      expect(rateCurve(tried, rate)).toContain(`y="50" text-anchor="${anchor}" fill="#c2410c">proposed`);
    }
  });

  it("says so where nothing could be tried", () => {
    expect(rateLines([], undefined)).toEqual(["no rate could be tried: the loss is no number from the start"]);
    expect(rateCurve([], undefined)).toMatch(/^<svg [^>]*\/>\n$/);
  });
});
