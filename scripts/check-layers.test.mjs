import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkFile, checkRepository, importsOf } from "./check-layers.mjs";

const packages = { dependencies: new Set(["valibot", "@grayling/core"]), tools: ["vitest"] };

function check(path, ...lines) {
  return checkFile(path, lines.join("\n"), packages);
}

describe("wrong imports", () => {
  it.each([
    ["packages/core/src/graph/ops.ts", "../train/head.js", "train does not come before graph"],
    ["packages/core/src/train/head.ts", "../explain/summary.js", "explain does not come before train"],
    ["packages/core/src/errors.ts", "./seeded-random.js", "seeded-random does not come before errors"],
    ["packages/core/src/graph/ops.ts", "../index.js", "index does not come before graph"],
    ["packages/core/src/data/split.ts", "../graph/tensor.js", "graph does not come before data"],
    ["packages/core/src/explain/trace.ts", "../data/split.js", "data is only for train and pictures and index"],
    ["packages/core/src/graph/ops.ts", "../testing/golden.js", "it is for tests only"],
    ["packages/core/src/graph/ops.ts", "./shapes.case.js", "it is for tests only"],
    ["packages/core/src/graph/ops.ts", "../news/ops.js", "news has no place in the order"],
    ["packages/core/src/graph/ops.ts", "node:fs", "runs anywhere"],
    ["packages/core/src/graph/ops.ts", "sharp", "sharp is not among its dependencies"],
    ["packages/core/src/graph/ops.ts", "onnxruntime-node", "onnxruntime-node is not among its dependencies"],
    ["packages/core/src/graph/ops.ts", "vitest", "vitest is not among its dependencies"],
    ["packages/core/src/graph/ops.test.ts", "sharp", "sharp is not among its dependencies"],
    ["packages/core/src/graph/ops.test.ts", "../../../node/src/cli.js", "it lies outside packages/core/src"],
    ["packages/node/src/files/a.ts", "../../../core/src/errors.js", "it lies outside packages/node/src"],
    ["packages/node/src/files/a.ts", "@grayling/core/dist/errors.js", "import it as @grayling/core"],
    ["packages/node/src/files/a.ts", "../images/decode.js", "images does not come before files"],
    ["packages/node/src/commands/train.ts", "../cli.js", "cli does not come before commands"],
    ["packages/node/src/files/a.ts", "fs", "fs is not among its dependencies"],
    ["examples/a.ts", "../packages/core/src/index.js", "it lies outside examples"],
  ])("%s may not import %s", (path, specifier, reason) => {
    const problems = check(path, "/** Comment. */", `import { a } from "${specifier}";`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${path}:2: [a-z-]+ may not import `));
    expect(problems[0]).toContain(`may not import ${specifier}: `);
    expect(problems[0]).toContain(reason);
  });

  it("names a file and a folder that say nothing, and one that the order does not know", () => {
    expect(check("packages/core/src/graph/utils.ts", "")[0]).toContain("may not be named utils");
    expect(check("packages/core/src/graph/types.test.ts", "")[0]).toContain("may not be named types");
    expect(check("packages/node/src/files/common/a.ts", "")[0]).toContain("may not be named common");
    const unknown = check("packages/node/src/news/a.ts", 'import { a } from "../files/a.js";');
    expect(unknown).toHaveLength(1);
    expect(unknown[0]).toContain("news has no place in the order");
  });
});

it.each([
  ["packages/core/src/train/head.ts", "../data/split.js"],
  ["packages/core/src/data/split.ts", "../seeded-random.js"],
  ["packages/core/src/graph/ops.ts", "./shapes.js"],
  ["packages/core/src/index.ts", "./train/head.js"],
  ["packages/core/src/weights/header.ts", "valibot"],
  ["packages/core/src/graph/ops.test.ts", "node:fs"],
  ["packages/core/src/graph/ops.test.ts", "vitest"],
  ["packages/core/src/graph/ops.test.ts", "../train/head.js"],
  ["packages/core/src/testing/golden.ts", "../graph/tensor.js"],
  ["packages/node/src/cli.ts", "./commands/train.js"],
  ["packages/node/src/files/shared-folder.ts", "node:fs"],
  ["packages/core/src/pictures.ts", "./data/resize.js"],
  ["packages/node/src/images/make-plane.ts", "@grayling/core/pictures"],
])("%s may import %s", (path, specifier) => {
  expect(check(path, `import { a } from "${specifier}";`)).toEqual([]);
});

it("finds every way to import, with its line, and nothing in comments or other strings", () => {
  const text = `
// import { a } from "comment-1";
/* import "comment-2";
 * export { a } from "comment-3"; */
import a from "default";
import type {
  B,
} from "type";
export * from 'star';
import "effect";
const c = await import("dynamic");
type D = import("in-type").D;
new Worker(new URL("./worker.js", import.meta.url));
const url = "https://example.org"; import e from "after-a-url";
throw new Error(\`took it from "text"\`);
export const from = "value";
`;
  expect(importsOf(text).map(({ specifier, line }) => [specifier, line])).toEqual([
    ["default", 5],
    ["type", 8],
    ["star", 9],
    ["effect", 10],
    ["dynamic", 11],
    ["in-type", 12],
    ["./worker.js", 13],
  ]);
});

it("reads a whole repository with the dependencies of each package", () => {
  const root = mkdtempSync(join(tmpdir(), "grayling layers-"));
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("package.json", '{ "devDependencies": { "vitest": "1.0.0" } }');
  write("packages/core/package.json", '{ "name": "@grayling/core", "dependencies": { "valibot": "1.0.0" } }');
  write("packages/node/package.json", '{ "name": "grayling", "dependencies": { "sharp": "1.0.0" } }');
  write("packages/core/src/graph/ops.ts", 'import "valibot";\nimport "sharp";\n');
  write("packages/node/src/images/decode.ts", 'import "sharp";\nimport "valibot";\n');
  write("packages/node/dist/images/decode.mjs", 'import "nothing";\n');
  write("examples/a.ts", 'import "grayling";\nimport "sharp";\n');
  write("bench/a.mjs", 'import "grayling";\nimport "sharp";\nimport "left-pad";\n');
  const { problems, files, imports } = checkRepository(root);
  rmSync(root, { recursive: true });
  expect(problems).toEqual([
    "packages/core/src/graph/ops.ts:2: graph may not import sharp: sharp is not among its dependencies",
    "packages/node/src/images/decode.ts:2: images may not import valibot: valibot is not among its dependencies",
    "examples/a.ts:2: a may not import sharp: sharp is not among its dependencies",
    "bench/a.mjs:3: a may not import left-pad: left-pad is not among its dependencies",
  ]);
  expect({ files, imports }).toEqual({ files: 4, imports: 9 });
});
