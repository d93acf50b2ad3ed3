/**
 * Holds every import against the order of the layers: `npm run layers`.
 *
 * What may import what is the table below and nothing else. Tests may import anything of their own package.
 */

import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { isTest, listSources, withoutComments } from "./sources.mjs";

/**
 * One row per folder of sources.
 *
 * - `order`: folders and files of the folder, from low to high. Each may import itself and what stands in a line above it.
 * - `onlyFor`: what may be imported by these alone.
 * - `usesNode`: whether it may import `node:*`.
 * - `alsoUses`: packages it may import besides its own dependencies: `ours`, those of this repository; `theirs`, what
 *   those depend on; `tools`, what the repository's own package.json lists.
 */
export const table = {
  "packages/core/src": {
    order: [
      ["errors", "did-you-mean", "seeded-random", "text-table"],
      ["graph", "data", "measure"],
      ["models"],
      ["weights"],
      ["passes"],
      ["lower"],
      ["onnx"],
      ["runtime"],
      ["train", "explain"],
      ["pictures", "index"],
    ],
    onlyFor: { data: ["train", "pictures", "index"] },
  },
  "packages/node/src": {
    order: [
      ["version", "files", "terminal", "page"],
      ["one-of"],
      ["images"],
      ["dataset"],
      ["weights"],
      ["runtime"],
      ["backbone"],
      ["features"],
      ["run"],
      ["augment"],
      ["check"],
      ["predict", "verify", "export", "doctor"],
      ["explain-image"],
      ["report"],
      ["train"],
      ["compare", "tensorboard"],
      ["explain"],
      ["demo"],
      ["commands"],
      ["index", "cli"],
    ],
    usesNode: true,
  },
  examples: { usesNode: true, alsoUses: ["ours", "tools"] },
  bench: { usesNode: true, alsoUses: ["ours", "theirs", "tools"] },
};

/** Parts of our packages that may be imported on their own, as the package's `exports` say. */
const entryPoints = new Set(["@grayling/core/pictures"]);

/** A file is named after what it exports. */
const namesThatSayNothing = new Set(["utils", "util", "helpers", "helper", "common", "types", "misc", "shared"]);

/**
 * What is wrong with one file, as lines `path:line: …`.
 *
 * @param path from the root of the repository, with `/`
 * @param packages `{ dependencies, tools }`: names the file may import, and those its tests may import as well
 */
export function checkFile(path, text, { dependencies, tools }) {
  const folder = Object.keys(table).find((name) => path.startsWith(`${name}/`));
  const inside = path.slice(folder.length + 1);
  const problems = [];
  for (const part of inside.split("/")) {
    const name = part.split(".")[0];
    if (namesThatSayNothing.has(name)) problems.push(`${path}:1: may not be named ${name}: name it after its concept`);
  }
  const layer = layerOf(inside);
  if (table[folder].order && !isTest(path) && rankIn(folder, layer) === -1) {
    problems.push(`${path}:1: ${layer} has no place in the order of ${folder}: add it to scripts/check-layers.mjs`);
  }
  const allowed = isTest(path) ? new Set([...dependencies, ...tools]) : dependencies;
  for (const { specifier, line } of importsOf(text)) {
    const reason = specifier.startsWith(".")
      ? reasonAgainstFile(folder, path, specifier)
      : reasonAgainstPackage(folder, path, specifier, allowed);
    if (reason) problems.push(`${path}:${line}: ${layer} may not import ${specifier}: ${reason}`);
  }
  return problems;
}

function reasonAgainstFile(folder, path, specifier) {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(`${folder}/`)) return `it lies outside ${folder}: import the package by its name`;
  if (isTest(path)) return undefined;
  if (isTest(target.replace(/\.js$/, ".ts"))) return "it is for tests only";
  const { order, onlyFor = {} } = table[folder];
  if (!order) return undefined;
  const from = layerOf(path.slice(folder.length + 1));
  const to = layerOf(target.slice(folder.length + 1));
  if (from === to) return undefined;
  if (rankIn(folder, from) === -1) return undefined; // The file itself is reported.
  if (rankIn(folder, to) === -1) return `${to} has no place in the order of ${folder}`;
  if (rankIn(folder, to) >= rankIn(folder, from)) return `${to} does not come before ${from} in the order of ${folder}`;
  if (onlyFor[to] && !onlyFor[to].includes(from)) return `${to} is only for ${onlyFor[to].join(" and ")}`;
  return undefined;
}

function reasonAgainstPackage(folder, path, specifier, allowed) {
  if (specifier.startsWith("node:")) {
    return table[folder].usesNode || isTest(path) ? undefined : `${folder} runs anywhere, not only on Node`;
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (!allowed.has(name)) return `${name} is not among its dependencies`;
  if (entryPoints.has(specifier)) return undefined;
  if (/^(@grayling\/|grayling$)/.test(name) && specifier !== name) return `import it as ${name}`;
  return undefined;
}

/** The first part of a path: `graph/ops.ts` → `graph`, `errors.ts` → `errors`. */
function layerOf(inside) {
  return inside.split("/")[0].replace(/\.(ts|js|mjs)$/, "");
}

function rankIn(folder, layer) {
  return table[folder].order.findIndex((row) => row.includes(layer));
}

/** Static imports and exports, `import("…")` in code and types, `import "…"`, and the files that workers are started from. */
export function importsOf(text) {
  const code = withoutComments(text);
  return [...code.matchAll(importPattern)].map((match) => {
    const specifier = match.slice(1).find((group) => group !== undefined);
    const at = match.index + match[0].lastIndexOf(specifier);
    return { specifier, line: code.slice(0, at).split("\n").length };
  });
}

const importPattern = new RegExp(
  [
    /^[ \t]*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"'\n]+)["']/,
    /^[ \t]*import\s*["']([^"'\n]+)["']/,
    /\bimport\(\s*["']([^"'\n]+)["']/,
    /\bnew URL\(\s*["'](\.[^"'\n]+)["'],\s*import\.meta\.url/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);

/** All problems of a repository, and how much was looked at. */
export function checkRepository(root) {
  const manifests = new Map(
    readdirSync(join(root, "packages")).map((name) => [`packages/${name}`, readManifest(root, `packages/${name}`)]),
  );
  const tools = Object.keys(readManifest(root, ".").devDependencies ?? {});
  const sets = {
    ours: [...manifests.values()].map(({ name }) => name),
    theirs: [...manifests.values()].flatMap(({ dependencies = {} }) => Object.keys(dependencies)),
    tools,
  };
  const result = { problems: [], files: 0, imports: 0 };
  for (const [folder, { alsoUses = [] }] of Object.entries(table)) {
    const own = Object.keys(manifests.get(posix.dirname(folder))?.dependencies ?? {});
    const dependencies = new Set([...own, ...alsoUses.flatMap((set) => sets[set])]);
    for (const path of listSources(root, folder)) {
      const text = readFileSync(join(root, path), "utf8");
      result.problems.push(...checkFile(path, text, { dependencies, tools }));
      result.files++;
      result.imports += importsOf(text).length;
    }
  }
  return result;
}

function readManifest(root, folder) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { problems, files, imports } = checkRepository(fileURLToPath(new URL("..", import.meta.url)));
  for (const problem of problems) console.log(problem);
  if (problems.length === 0) console.log(`layers: ${imports} imports in ${files} files point down`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
