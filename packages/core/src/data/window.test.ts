import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { parseSettledWindow, parseWindow, showWindow } from "./window.js";

describe("the text of a window", () => {
  it.each([
    ["full", { kind: "full" }],
    ["Image", { kind: "image" }],
    ["dicom", { kind: "dicom" }],
    ["minmax", { kind: "percentiles", low: 0, high: 100 }],
    ["p1-p99", { kind: "percentiles", low: 1, high: 99 }],
    ["p0.1-p99.9", { kind: "percentiles", low: 0.1, high: 99.9 }],
    ["p2-98", { kind: "percentiles", low: 2, high: 98 }],
    ["0:1", { kind: "values", low: 0, high: 1 }],
    ["210:3980", { kind: "values", low: 210, high: 3980 }],
    ["-20.5:83.2", { kind: "values", low: -20.5, high: 83.2 }],
    ["−1024:−.5", { kind: "values", low: -1024, high: -0.5 }],
    [" 1e-3:2.5E2 ", { kind: "values", low: 0.001, high: 250 }],
  ])("%s is read, and shown as text that gives the same", (text, window) => {
    const read = parseWindow(text);
    expect(read).toEqual(window);
    expect(parseWindow(showWindow(read))).toEqual(window);
  });

  it.each([
    ["", /^window "": expected full, minmax, image, dicom, percentiles such as p1-p99, or low:high/],
    ["auto", /^window "auto": expected full/],
    ["minmx", /such as 210:3980 \(did you mean "minmax"\?\)$/],
    ["1-99", /expected full/],
    ["100", /expected full/],
    ["1:2:3", /expected full/],
    ["0x10:0x20", /expected full/],
    ["nan:1", /expected full/],
    ["p99-p1", /expected two rising percentiles from 0 to 100/],
    ["p50-p50", /expected two rising percentiles/],
    ["p1-p101", /expected two rising percentiles/],
    ["3980:210", /expected low below high/],
    ["5:5", /expected low below high/],
    ["0:1e999", /expected low below high/],
  ])("%j is refused with what is expected", (text, reason) => {
    expect(() => parseWindow(text)).toThrow(reason);
    expect(() => parseWindow(text)).toThrow(InputError);
  });

  it("of a model needs no other images", () => {
    expect(parseSettledWindow("0:255")).toEqual({ kind: "values", low: 0, high: 255 });
    for (const text of ["p1-p99", "minmax"]) expect(() => parseSettledWindow(text)).toThrow(/needs no other images/);
  });
});
