import { describe, expect, it } from "vitest";
import { breakReportLine, reportLine } from "./judgement-report.js";

describe("a line about a judgement", () => {
  const line = reportLine("sets", "hold the true class in 100.0 % (test; promised 90.0 %), 6.0 classes on average");

  it("is broken at the terminal's width, below what it is about, numbers with their unit", () => {
    expect(breakReportLine(line, 50)).toEqual([
      "sets        hold the true class in 100.0 % (test;",
      "            promised 90.0 %), 6.0 classes on",
      "            average",
    ]);
    expect(breakReportLine("x".repeat(30).concat(" 12 %"), 34)).toEqual(["x".repeat(30), `${" ".repeat(12)}12 %`]);
  });

  it("stays in one where there is no terminal", () => expect(breakReportLine(line, undefined)).toEqual([line]));
});
