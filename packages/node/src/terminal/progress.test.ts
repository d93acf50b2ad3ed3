import { describe, expect, it } from "vitest";
import { barLayout, duration, fitParts } from "./progress.js";

describe("progress on a terminal", () => {
  it("shows as many parts, from the first on, as fit, and cuts only the first", () => {
    const parts = ["epoch 3/15", "9 min left", "loss 0.512", "132 images/s"];
    expect(fitParts(parts, 80)).toBe("epoch 3/15  9 min left  loss 0.512  132 images/s");
    expect(fitParts(parts, 34)).toBe("epoch 3/15  9 min left  loss 0.512");
    expect(fitParts(parts, 33)).toBe("epoch 3/15  9 min left");
    expect(fitParts(parts, 5)).toBe("epoch");
    expect(fitParts([], 5)).toBe("");
  });

  it.each([40, 50, 60, 80, 120])("keeps the time left on a bar of %i columns", (columns) => {
    const { format, barsize } = barLayout(columns);
    const values = { label: "features ", bar: "█".repeat(barsize), value: "1000", total: "2000", unit: "images" };
    const line = format.replace(
      /\{(\w+)\}/g,
      (_, name) => ({ ...values, rate: "132", left: "1 min 15 s" })[name as "bar"],
    );
    expect(line).toMatch(/1 min 15 s left$/);
    expect(line.length).toBeLessThanOrEqual(Math.max(columns, 45)); // at 40 the last word is cut off
  });

  it.each([
    [0.2, "1 s"],
    [75, "1 min 15 s"],
    [7260, "2 h 1 min"],
  ])("shows %d seconds as %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});
