import colors from "picocolors";
import { expect, it } from "vitest";
import type { CheckReport } from "../check/check-folder.js";
import { findAll } from "../check/findings.js";
import { type MadeFile, madeInspection } from "../testing/made-inspection.js";
import { printCheck } from "./check-report.js";
import type { Console } from "./console.js";

function printed(files: readonly MadeFile[], width = 100): string[] {
  const inspection = madeInspection(files);
  const report: CheckReport = { inspection, findings: findAll(inspection) };
  const lines: string[] = [];
  const console: Pick<Console, "print" | "colors"> = {
    print: (line = "") => void lines.push(line),
    colors: colors.createColors(false),
  };
  printCheck(report, { width }, console);
  return lines;
}

it("says what was found in the first line, and the worst before the rest", () => {
  const lines = printed([
    { relative: "a/1.png", hash: "x" },
    { relative: "b/2.png", hash: "x" },
    { relative: "a/3.jpg" },
  ]);
  expect(lines[0]).toBe("/made: 1 problem, 1 warning, 1 note");
  const severities = lines.flatMap((line) => /^(problem|warning|note)/.exec(line)?.[1] ?? []);
  expect(severities).toEqual(["problem", "warning", "note"]);
  expect(lines.join("\n")).toContain("a/1.png, b/2.png: same bytes");
});

it("names a few files and counts the others", () => {
  const lost = Array.from({ length: 30 }, (_, i) => ({ relative: `a/${i}.png`, reason: "truncated PNG" }));
  const lines = printed([...lost, { relative: "b/1.png" }]);
  expect(lines.filter((line) => line.endsWith("truncated PNG"))).toHaveLength(5);
  expect(lines).toContain("         and 25 more");
});

it.each([40, 80, 200])("fits %d columns where text can be broken", (width) => {
  const lines = printed(
    [{ relative: "a/1.png", level: () => 3 }, { relative: "b/2.png" }, { relative: "3.png" }],
    width,
  );
  const wrapped = lines.filter((line) => / → |^ {9}[A-Z]/.test(line));
  expect(wrapped.length).toBeGreaterThan(2);
  for (const line of wrapped) expect(line.length).toBeLessThanOrEqual(Math.min(width, 110));
});

it("keeps what steers a terminal out of its lines", () => {
  const text = printed([
    { relative: "a/\u001b[2Jx\n.png", reason: "damaged \u001b]0;x\u0007PNG" },
    { relative: "b/1.png" },
  ]);
  for (const line of text) expect(line).not.toMatch(/\p{Cc}/u);
});

it("says of a folder with nothing wrong that nothing was found", () => {
  const files = Array.from({ length: 24 }, (_, i) => ({
    relative: `${i % 2 ? "a" : "b"}/${["x", "y", "z"][i % 3]}${"q".repeat(i)}.png`,
    level: (x: number, y: number) => 120 + 60 * Math.sin((i + 1) * 2.3 * x + (i % 7) * 3.1 * y + i),
  }));
  expect(printed(files).slice(0, 3).join("\n")).toMatch(/^\/made: nothing found/);
});
