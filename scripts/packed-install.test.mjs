/**
 * What a user gets: every package packed, installed into an empty folder with an awkward name, run and imported.
 * Without the registry (offline, and nothing in npm's cache) the installation is skipped with its reason.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));
const minutes = 60_000;

let temporary;
let packages; // as `npm pack --json` lists them: name, version, filename, files

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "grayling packed-"));
  const { stdout } = await npm(repository, "pack", "--workspaces", "--json", "--pack-destination", temporary);
  packages = JSON.parse(stdout);
}, 3 * minutes);

afterAll(async () => {
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
}, minutes);

describe("every packed package", () => {
  it("is there", () => {
    expect(packages.map(({ name }) => name).toSorted()).toEqual([
      "@grayling/core",
      "@grayling/weights-lite0",
      "grayling",
    ]);
  });

  it("holds its licence, and no test, source, source map or build information", () => {
    for (const { name, files } of packages) {
      const paths = files.map(({ path }) => path);
      expect(paths, name).toContain("LICENSE");
      expect(
        paths.filter((path) => isUnwanted.test(path)),
        name,
      ).toEqual([]);
    }
  });

  it("has all that its package.json points to", async () => {
    for (const { name, files } of packages) {
      const folder = name === "grayling" ? "node" : name.replace("@grayling/", "");
      const { exports, bin = {} } = JSON.parse(
        await readFile(join(repository, "packages", folder, "package.json"), "utf8"),
      );
      const paths = files.map(({ path }) => path);
      for (const target of [...Object.values(exports["."]), ...Object.values(bin)]) {
        expect(paths, name).toContain(target.replace("./", ""));
      }
    }
  });
});

const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ENETUNREACH/;
const isUnwanted = /\.(test|case)\.|(^|\/)testing\/|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$|(^|\/)node_modules\//;

describe("installed into a folder with a space and letters beyond ASCII", () => {
  let folder;
  let obstacle; // why nothing could be installed

  beforeAll(async () => {
    folder = join(temporary, "Größe 灰 test");
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }'); // npm looks further up without.
    const archives = packages.map(({ filename }) => join("..", filename));
    try {
      await npm(folder, "install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", ...archives);
    } catch (error) {
      if (!isOffline.test(error.stderr)) throw error;
      obstacle = "the registry cannot be reached, and npm's cache does not hold all packages";
    }
  }, 5 * minutes);

  it(
    "prints its version and its help from the command line",
    async (context) => {
      context.skip(obstacle !== undefined, obstacle);
      const { version } = packages.find(({ name }) => name === "grayling");
      expect((await grayling("--version")).stdout.trim()).toBe(version);
      expect((await grayling("--help")).stdout).toMatch(/^Usage: grayling /m);
    },
    3 * minutes,
  );

  it(
    "runs the demo, then trains and predicts on its images",
    async (context) => {
      context.skip(obstacle !== undefined, obstacle);
      const { stdout } = await grayling("demo");
      expect(stdout).toMatch(/The transfer brought \d+\.\d points of accuracy\./);
      const images = join("grayling-demo", "images");
      const trained = await grayling("train", images, "--size", "96x96", "--name", "mine", "--no-cache");
      expect(trained.stdout).toMatch(/accuracy {2}\d+\.\d %/);
      const name = (await readdir(join(folder, images, "scratches"))).sort().at(-1); // the broken one comes first
      const image = join(images, "scratches", name);
      const predicted = await grayling("predict", "--model", join("runs", "mine"), image, "--json");
      expect(JSON.parse(predicted.stdout).predictions.map(({ path }) => path)).toEqual([image]);
    },
    5 * minutes,
  );

  it(
    "can be imported in TypeScript, with types, and in the program that comes out",
    async (context) => {
      context.skip(obstacle !== undefined, obstacle);
      await writeFile(join(folder, "user.ts"), userProgram);
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(userConfig));
      await node(folder, join(repository, "node_modules/typescript/bin/tsc"), "--project", "tsconfig.json");
      expect((await node(folder, "user.js")).stdout.trim()).toBe("function InputError: a.png: too dark");
    },
    3 * minutes,
  );

  /** What `npx grayling …` does. */
  function grayling(...args) {
    return npm(folder, "exec", "--no", "--", "grayling", ...args);
  }
});

/** The line that must not compile shows that the types arrive, and not `any`. */
const userProgram = `
import { InputError } from "@grayling/core";
import { type TrainResult, train } from "grayling";

const error: Error = new InputError("a.png: too dark");
// @ts-expect-error: a string is not a number
export const wrong: number = new InputError("a.png: too dark").message;
export const trainAgain = (folder: string): Promise<TrainResult> => train(folder, { folds: 5, head: "dense(64,relu)" });
console.log(typeof train, String(error));
`;

const userConfig = {
  compilerOptions: {
    target: "ES2023",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    strict: true,
    skipLibCheck: false,
    types: ["node"],
    typeRoots: [join(repository, "node_modules/@types")],
  },
  files: ["user.ts"],
};

/** Runs npm by way of its script, since `npm` itself is a batch file on Windows, which cannot be run without a shell. */
function npm(cwd, ...args) {
  const nodeFolder = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath ?? "",
    join(nodeFolder, "node_modules/npm/bin/npm-cli.js"),
    join(nodeFolder, "../lib/node_modules/npm/bin/npm-cli.js"),
  ];
  const script = candidates.find((path) => path.endsWith("npm-cli.js") && existsSync(path));
  if (!script) throw new Error(`npm-cli.js: not found beside ${process.execPath}: run the tests with npm`);
  return node(cwd, script, ...args);
}

/** Runs a script with this Node; without what an npm around us tells its children about *its* package. */
function node(cwd, ...args) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_(package|lifecycle|config_local_prefix|config_workspace)|NODE_OPTIONS|VITEST|INIT_CWD)/i.test(name),
    ),
  );
  const running = promisify(execFile)(process.execPath, args, {
    cwd,
    env,
    maxBuffer: 64 * 2 ** 20,
    timeout: 4 * minutes,
  });
  return running.catch((error) => {
    error.message += error.stdout; // Compilers report there.
    throw error;
  });
}
