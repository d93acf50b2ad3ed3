/** The source files of a folder, and their text without comments: what the checks of layers and lines read. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths below `root`, with `/`, of every .ts and .mjs file in a folder, sorted; none if there is no such folder. */
export function listSources(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !skipped.has(name));
  return entries
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listSources(root, path);
      return /\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
    })
    .sort();
}

const skipped = new Set(["dist", "node_modules"]);

/** Whether a file is there for the tests: a test, a suite over several implementations, or in a folder `testing`. */
export function isTest(path) {
  return /\.(test|case)\.(ts|mjs)$/.test(path) || path.split("/").includes("testing");
}

/** The same text, line by line, with every character of a comment made a space. Strings are kept, whatever is in them. */
export function withoutComments(text) {
  return text.replace(stringOrComment, (found) => (found.startsWith("/") ? found.replace(/[^\n]/g, " ") : found));
}

/** Strings come first, so that `"https://…"` is not taken for a comment. */
const stringOrComment = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
