/** `grayling weights` with files, a server and a cache of the test's own: nothing is downloaded from elsewhere. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InputError, modelsWithOfficialWeights, officialWeights, WeightsError } from "@grayling/core";
import { Command, CommanderError } from "commander";
import colors from "picocolors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FileServer, send, startFileServer } from "../testing/file-server.js";
import type { Console } from "./console.js";
import { defineWeights } from "./weights.js";

const contentOf = (file: string) => Buffer.from(`weights of ${file} `.repeat(1000));
const md5Of = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** Keras' table, with the md5 of what the test's server has. */
const find: typeof officialWeights = (model, options) => {
  const official = officialWeights(model, options);
  return official && { ...official, url: "http://127.0.0.1:9/unused", md5: md5Of(contentOf(official.file)) };
};

let cache: string;
let server: FileServer;
let asked: string[];
let stop: AbortController;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "grayling weights größe 灰-"));
  asked = [];
  stop = new AbortController();
  server = await startFileServer((request, response) => {
    const file = (request.url ?? "").slice("/keras/".length);
    asked.push(file);
    send(contentOf(file), request, response);
  });
});

afterEach(async () => {
  await server.close();
  await rm(cache, { recursive: true, force: true });
});

interface Outcome {
  readonly printed: readonly string[];
  readonly notes: readonly string[];
  readonly error: unknown;
}

/** Runs a command line as `cli.ts` does. Files are the test's own, but for `official`, where they are Keras'. */
async function weights(args: readonly string[], { official = false } = {}): Promise<Outcome> {
  const [printed, notes]: [string[], string[]] = [[], []];
  const console: Console = {
    print: (line = "") => void printed.push(line),
    note: (line) => void notes.push(line),
    progress: { update: () => {}, status: () => {}, finish: () => {} },
    colors: colors.createColors(false),
    signal: stop.signal,
    cache,
  };
  const program = new Command("grayling").exitOverride().showSuggestionAfterError();
  program.configureOutput({
    writeOut: (text) => void printed.push(text),
    writeErr: (text) => void notes.push(text),
  });
  defineWeights(program, console, official ? undefined : find);
  const error = await program.parseAsync(["weights", ...args], { from: "user" }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { printed, notes, error };
}

const fetch = (...args: readonly string[]) => weights(["fetch", ...args, "--mirror", `${server.url}keras`]);
const pathOf = (file: string) => join(cache, "weights", file);

async function put(file: string, content: Uint8Array | string): Promise<void> {
  await mkdir(join(cache, "weights"), { recursive: true });
  await writeFile(pathOf(file), content);
}

describe("weights list", () => {
  it("has both files of all fifteen networks with Keras' md5, and the bundled one", async () => {
    const { printed, error } = await weights(["list"], { official: true });
    expect(error).toBeUndefined();
    for (const model of modelsWithOfficialWeights) {
      for (const includeTop of [true, false]) {
        const { file, md5 } = officialWeights(model, { includeTop })!; // a model of the list has both
        expect(printed.filter((line) => line.includes(` ${file} `) && line.includes(md5))).toHaveLength(1);
      }
    }
    expect(printed.some((line) => /^efficientnet-lite0 .* 9\.1 MiB bundled$/.test(line))).toBe(true);
    expect(printed.at(-1)).toBe(`0 of 30 files in ${join(cache, "weights")}`);
  });

  it("tells what is in the cache and how large it is", async () => {
    await put("efficientnetb0_notop.h5", new Uint8Array(3 * 2 ** 20));
    await put("something else.h5", "");
    const { printed } = await weights(["list"]);
    expect(printed.filter((line) => line.includes("in the cache"))).toEqual([
      expect.stringMatching(/^efficientnet-b0 +without +efficientnetb0_notop\.h5 .* 3\.0 MiB in the cache$/),
    ]);
    expect(printed.at(-1)).toMatch(/^1 of 30 files in /);
  });

  it("gives the same as JSON", async () => {
    await put("efficientnetv2-s.h5", "abc");
    const { files, bundled, ...rest } = JSON.parse((await weights(["list", "--json"])).printed.join("\n"));
    expect(rest).toEqual({ cache });
    expect(files).toHaveLength(30);
    const { md5, url } = find("efficientnet-v2-s", { includeTop: true })!; // it has one
    const file = "efficientnetv2-s.h5";
    const expected = { model: "efficientnet-v2-s", includeTop: true, file, path: pathOf(file), md5, url, bytes: 3 };
    expect(files.filter(({ bytes }: { bytes?: number }) => bytes !== undefined)).toEqual([expected]);
    expect(bundled).toMatchObject({ model: "efficientnet-lite0", bytes: (await stat(bundled.path)).size });
  });

  it("looks into the folder that --cache names", async () => {
    await put("efficientnetb0.h5", "abc");
    const other = join(cache, "elsewhere");
    expect((await weights(["list", "--cache", other])).printed.at(-1)).toBe(
      `0 of 30 files in ${join(other, "weights")}`,
    );
  });
});

describe("weights fetch", () => {
  it("downloads several networks into train's cache, each once, and prints nothing but the paths", async () => {
    const { printed, notes, error } = await fetch("efficientnet-b0", "efficientnet-v2-b2", "efficientnet-b0");
    expect(error).toBeUndefined();
    expect(printed).toEqual([pathOf("efficientnetb0_notop.h5"), pathOf("efficientnetv2-b2_notop.h5")]);
    expect(notes).toEqual(["efficientnet-b0 (1 of 2)", "efficientnet-v2-b2 (2 of 2)"]);
    for (const path of printed) expect(contentOf(basename(path)).equals(await readFile(path))).toBe(true);
    expect((await fetch("efficientnet-b0")).printed).toEqual([printed[0]]);
    expect(asked).toEqual(["efficientnetb0_notop.h5", "efficientnetv2-b2_notop.h5"]);
  });

  it("downloads all fifteen, with classifiers if asked", async () => {
    const { printed } = await fetch("--all", "--top");
    expect(printed).toHaveLength(15);
    expect(asked.toSorted()).toEqual((await readdir(join(cache, "weights"))).toSorted());
    expect(asked.some((file) => file.includes("notop"))).toBe(false);
  });

  it("goes on where Ctrl-C stopped it", async () => {
    await server.close();
    const file = "efficientnetb0_notop.h5";
    server = await startFileServer((request, response, count) => {
      if (count > 0) return send(contentOf(file), request, response);
      response.writeHead(200, { "content-length": contentOf(file).length }).write(contentOf(file).subarray(0, 5000));
      setTimeout(() => stop.abort(new Error("stopped")), 50); // and nothing more comes
    });
    expect((await fetch("efficientnet-b0")).error).toEqual(new Error("stopped"));
    expect(await readdir(join(cache, "weights"))).toEqual([`${file}.part`]);
    stop = new AbortController();
    expect((await fetch("efficientnet-b0")).error).toBeUndefined();
    expect(server.ranges).toEqual(["", "bytes=5000-"]);
    expect(await readdir(join(cache, "weights"))).toEqual([file]);
  });

  it("replaces a damaged file", async () => {
    await put("efficientnetb0_notop.h5", "damaged");
    expect((await fetch("efficientnet-b0")).error).toBeUndefined();
    expect(contentOf("efficientnetb0_notop.h5").equals(await readFile(pathOf("efficientnetb0_notop.h5")))).toBe(true);
  });

  it("has nothing to download for the bundled network", async () => {
    const { printed, error } = await fetch("efficientnet-lite0");
    expect(error).toBeUndefined();
    expect(printed[0]).toMatch(/efficientnet-lite0\.safetensors$/);
    expect(asked).toEqual([]);
  });

  it.each([
    [["efficientnet-b0", "efficientnet-v2-b9"], '(did you mean "efficientnet-v2-b0"?)'],
    [["efficientnet-lite1"], 'model "efficientnet-lite1": expected one of efficientnet-b0, '],
    [[], "expected a network, such as efficientnet-b0, or --all"],
    [["efficientnet-b0", "--all"], "--all: is all networks"],
  ])("refuses %j before anything is downloaded", async (args, message) => {
    const { error, printed } = await fetch(...args);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(message);
    expect(printed).toEqual([]);
    expect(asked).toEqual([]);
  });

  it.each([
    ["folder", "Expected the address of a folder"],
    ["file:///folder", "Expected the address of a folder"],
    ["https://me:secret@example.org/", "without a user name and password"],
    ["https://example.org/?token=1", 'without "?" and "#"'],
  ])("refuses the mirror %s", async (mirror, message) => {
    const { error, notes } = await weights(["fetch", "efficientnet-b0", "--mirror", mirror]);
    expect(error).toBeInstanceOf(CommanderError);
    expect(notes.join("")).toContain(message);
  });

  it("says in one line that the server does not have a file, and that there are mirrors", async () => {
    await server.close();
    server = await startFileServer((_, response) => response.writeHead(404).end());
    const { error, printed } = await fetch("efficientnet-b0");
    expect(printed).toEqual([]);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain(
      `${server.url}keras/efficientnetb0_notop.h5: cannot be downloaded (HTTP status 404 Not Found): ` +
        `put the file at ${pathOf("efficientnetb0_notop.h5")} by hand, or name another server with --mirror <url>`,
    );
  });
});

describe("weights path", () => {
  it("prints the path of a file that is there, and nothing else", async () => {
    const file = "efficientnetb5.h5";
    await put(file, contentOf(file));
    expect(await weights(["path", "efficientnet-b5", "--top"])).toEqual({
      printed: [pathOf(file)],
      notes: [],
      error: undefined,
    });
  });

  it("says how to get a file that is not there", async () => {
    const { printed, error } = await weights(["path", "efficientnet-b5", "--top"]);
    expect(printed).toEqual([]);
    expect(error).toBeInstanceOf(InputError); // exit code 2
    expect(String(error)).toContain(
      `${pathOf("efficientnetb5.h5")}: not in the cache, "grayling weights fetch efficientnet-b5 --top" downloads`,
    );
  });

  it("does not give away a damaged file", async () => {
    await put("efficientnetb5_notop.h5", "damaged");
    const { printed, error } = await weights(["path", "efficientnet-b5"]);
    expect(printed).toEqual([]);
    expect(error).toBeInstanceOf(WeightsError); // exit code 2
    expect(String(error)).toMatch(/damaged, expected md5 .*, got .*: "grayling weights fetch efficientnet-b5" /);
  });

  it("knows where the bundled network lies", async () => {
    const { printed } = await weights(["path", "efficientnet-lite0"]);
    expect((await stat(printed[0]!)).size).toBe(9_578_360); // stated in its PROVENANCE.md
  });
});

describe("weights verify", () => {
  it("finds every file of the cache whole", async () => {
    for (const file of ["efficientnetb0.h5", "efficientnetv2-l_notop.h5"]) await put(file, contentOf(file));
    const { printed, error } = await weights(["verify"]);
    expect(error).toBeUndefined();
    expect(printed.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "efficientnetb0.h5 0.0 MiB whole",
      "efficientnetv2-l_notop.h5 0.0 MiB whole",
    ]);
  });

  it("names the damaged files and fails", async () => {
    const [right, wrong] = ["efficientnetb0.h5", "efficientnetb1_notop.h5"] as const;
    await put(right, contentOf(right));
    await put(wrong, contentOf(wrong).subarray(1));
    const { printed, error } = await weights(["verify"]);
    expect(printed).toEqual([expect.stringContaining("whole"), expect.stringContaining("damaged: expected md5 ")]);
    expect(error).toBeInstanceOf(Error); // neither of the user's errors: exit code 1
    expect(error).not.toBeInstanceOf(InputError);
    expect(error).not.toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(
      /damaged: \S+\.h5: "grayling weights fetch efficientnet-\S+( --top)?" downloads anew/,
    );

    const json = await weights(["verify", "efficientnet-b0", "--json"]);
    expect(json.error).toBeUndefined();
    expect(JSON.parse(json.printed.join("\n")).files).toMatchObject([{ file: right, isWhole: true }]);
  });

  it("says where nothing is, and refuses a network that was named and is not there", async () => {
    const { printed, error } = await weights(["verify"]);
    expect(error).toBeUndefined();
    expect(printed).toEqual([`no official weights in ${join(cache, "weights")}`]);
    const named = await weights(["verify", "efficientnet-b3"]);
    expect(named.error).toBeInstanceOf(InputError);
    expect(String(named.error)).toContain('"grayling weights fetch efficientnet-b3" downloads it');
  });
});

it("suggests the command that was meant and has examples in every help", async () => {
  expect((await weights(["fetsch"])).notes.join("")).toContain("(Did you mean fetch?)");
  for (const name of ["list", "fetch", "path", "verify"]) {
    const { printed } = await weights([name, "--help"]);
    expect(printed.join("")).toContain(`Usage: grayling weights ${name} `);
    expect(printed.join("")).toMatch(new RegExp(`Examples:\\n {2}\\$ (cp "\\$\\()?grayling weights ${name}`));
  }
});
