import { describe, expect, it } from "vitest";
import { shortLabel, tickPercent, widthOf } from "./chart-label.js";

describe("labels of charts", () => {
  it("are cut to their room, in which East Asian characters take two columns", () => {
    expect(shortLabel("pitted_surface", 14)).toBe("pitted_surface");
    expect(shortLabel("pitted_surface", 10)).toBe("pitted_su…");
    expect(shortLabel("日本語のクラス", 8)).toBe("日本語…");
    expect(widthOf("日本", 10)).toBe(widthOf("abcd", 10));
  });

  it("hold nothing that XML forbids or that turns the direction of writing, but isolate names of another direction", () => {
    expect(shortLabel("a\u0000b\u202ec\n\ud800", 20)).toBe("a?b?c??");
    expect(shortLabel("שלום", 20)).toBe("\u2068שלום\u2069");
  });

  it("write parts in percent, with as many digits as they have", () => {
    expect([0, 0.25, 0.125, 0.1 + 0.2].map(tickPercent)).toEqual(["0\u00a0%", "25\u00a0%", "12.5\u00a0%", "30\u00a0%"]);
  });
});
