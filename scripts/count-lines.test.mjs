import { expect, it } from "vitest";
import { budgets, countLines, longestFile, weigh } from "./count-lines.mjs";

it("counts neither blank lines nor comments, and takes nothing in a string for a comment", () => {
  const text = `/** A comment
 * of two lines. */

const a = 1; // counts
// does not
const url = "https://example.org"; /* counts */
const text = \`
  // counts, as the two lines around it
\`;
`;
  expect(countLines(text)).toBe(5);
  expect(countLines("")).toBe(0);
});

it("adds up by folder and package", () => {
  const { rows, totals, problems } = weigh([
    ["packages/core/src/errors.ts", "a\n"],
    ["packages/core/src/graph/ops.ts", "a\nb\n"],
    ["packages/core/src/graph/shapes.ts", "a\n\n// b\n"],
    ["packages/node/src/cli.ts", "a\n"],
  ]);
  expect(rows).toContainEqual({ name: "core", folder: "graph", files: 2, lines: 3 });
  expect(totals.map(({ name, files, lines }) => [name, files, lines])).toEqual([
    ["core", 3, 4],
    ["node", 1, 1],
  ]);
  expect(problems).toEqual([]);
});

it("names a file that is too long, comments included", () => {
  expect(weigh([["packages/core/src/graph/ops.ts", "// a\n".repeat(longestFile)]]).problems).toEqual([]);
  expect(weigh([["packages/core/src/graph/ops.ts", "// a\n".repeat(longestFile + 1)]]).problems).toEqual([
    "packages/core/src/graph/ops.ts: too long, expected at most 300 lines, got 301: split it by concept",
  ]);
});

it("names a package that is over its budget", () => {
  const texts = Array.from({ length: budgets.core + 1 }, (_, index) => [`packages/core/src/graph/${index}.ts`, "a\n"]);
  expect(weigh(texts.slice(1)).problems).toEqual([]);
  expect(weigh(texts).problems).toEqual([
    `packages/core: over its budget, expected at most ${budgets.core} lines, got ${budgets.core + 1}`,
  ]);
});
