/**
 * Counts the lines of the sources that are neither blank nor comment, and holds them against a budget: `npm run lines`.
 * Tests, `testing/` and what a generator wrote are not counted.
 */

import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isTest, listSources, withoutComments } from "./sources.mjs";

/** Lines per package, at most. Raising one is a decision: say in the commit which concept it pays for. */
export const budgets = { core: 14500, node: 26000 };

/** Lines per file, at most, comments and blank lines included: what can be read once, top to bottom. */
export const longestFile = 300;

/** Files that may be longer, each for a reason: one table, or one file format. */
export const mayBeLonger = new Set([]);

const generated = new Set(["packages/core/src/onnx/onnx_pb.ts"]);

/** The number of lines that are neither blank nor only comment. */
export function countLines(text) {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** Rows of the table, and what is over a limit, for texts by path: `packages/core/src/graph/ops.ts` → text. */
export function weigh(texts) {
  const rows = new Map();
  const problems = [];
  for (const [path, text] of texts) {
    const [, name, , ...inside] = path.split("/");
    const folder = inside.length > 1 ? inside[0] : "";
    const row = rows.get(`${name}/${folder}`) ?? { name, folder, files: 0, lines: 0 };
    rows.set(`${name}/${folder}`, { ...row, files: row.files + 1, lines: row.lines + countLines(text) });
    const length = text.trimEnd().split("\n").length;
    if (length > longestFile && !mayBeLonger.has(path)) {
      problems.push(`${path}: too long, expected at most ${longestFile} lines, got ${length}: split it by concept`);
    }
  }
  const totals = Object.entries(budgets).map(([name, budget]) => {
    const own = [...rows.values()].filter((row) => row.name === name);
    const lines = own.reduce((sum, row) => sum + row.lines, 0);
    if (lines > budget)
      problems.push(`packages/${name}: over its budget, expected at most ${budget} lines, got ${lines}`);
    return { name, budget, lines, files: own.reduce((sum, row) => sum + row.files, 0) };
  });
  return { rows: [...rows.values()], totals, problems };
}

function readSources(root) {
  return Object.keys(budgets)
    .flatMap((name) => listSources(root, `packages/${name}/src`))
    .filter((path) => !isTest(path) && !generated.has(path))
    .map((path) => [path, readFileSync(join(root, path), "utf8")]);
}

function print({ rows, totals, problems }) {
  const line = (name, files, lines) =>
    console.log(name.padEnd(24) + String(files).padStart(6) + String(lines).padStart(8));
  line("", "files", "lines");
  for (const { name, budget, files, lines } of totals) {
    for (const row of rows) if (row.name === name) line(`  ${name}/${row.folder}`, row.files, row.lines);
    line(`${name} (of ${budget})`, files, lines);
  }
  for (const problem of problems) console.log(problem);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = weigh(readSources(fileURLToPath(new URL("..", import.meta.url))));
  print(result);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
}
