/**
 * Bad input, through every command that reads pictures: each file gets its line, nothing is lost, the rest goes on; where
 * nothing can go on, there is one line and the exit code 2.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFolder } from "../check/check-folder.js";
import { readBatches } from "../dataset/read-batches.js";
import { evaluate } from "../predict/evaluate.js";
import { openClassifier } from "../predict/open-classifier.js";
import { predict } from "../predict/predict.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { type BadFile, badFiles, invalidName, shownName, writeBadFiles, writeLoops } from "../testing/bad-files.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { type TrainSettings, train } from "../train/train.js";
import { verify } from "../verify/verify.js";

const commands = ["train", "predict", "evaluate", "check"] as const;
type CommandName = (typeof commands)[number];

/** What a command made of a folder. */
interface Outcome {
  /** Relative paths; of pages with their number. */
  readonly read: readonly string[];
  readonly reasons: ReadonlyMap<string, string>;
  /** Files that are no pictures and not named as such; absent where the command does not count them. */
  readonly ignored?: number;
}

const runtime = new OrtRuntime();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling bad ü-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const picture = (name: string) => repositoryFolder("fixtures", "mixed-bits", name);
const settings = (name: string): TrainSettings => ({
  height: 32,
  width: 32,
  threads: 1,
  out: join(folder, "runs"),
  name,
  report: false,
  window: "image", // of every type of samples
});

const reasonsOf = (skipped: readonly { readonly path: string; readonly reason: string }[], root = "") =>
  new Map(skipped.map(({ path, reason }) => [path.slice(root.length), reason]));

/** All commands on one folder of classes, with the classifier that was trained on it. */
async function runAll(root: string, name: string): Promise<Readonly<Record<CommandName, Outcome>>> {
  const { dataset, folder: run } = await train(root, settings(name));
  const classifier = await openClassifier(runtime, run);
  const skipped: { path: string; reason: string }[] = [];
  const predicted: string[] = [];
  for await (const { path } of predict(classifier, [root], { onSkip: (file) => skipped.push(file) })) {
    predicted.push(path.slice(root.length + 1));
  }
  const evaluated = (await evaluate(classifier, root)).dataset;
  const { files, ignored } = (await checkFolder(root)).inspection;
  await classifier.session.release();
  const relatives = (images: readonly { readonly relative: string }[]) => images.map(({ relative }) => relative);
  return {
    train: { read: relatives(dataset.images), reasons: reasonsOf(dataset.skipped), ignored: dataset.ignored },
    predict: { read: predicted, reasons: reasonsOf(skipped, `${root}/`) },
    evaluate: { read: relatives(evaluated.images), reasons: reasonsOf(evaluated.skipped), ignored: evaluated.ignored },
    check: {
      read: relatives(files.filter((file) => file.picture)),
      reasons: new Map(files.flatMap(({ relative, reason }) => (reason === null ? [] : [[relative, reason]]))),
      ignored,
    },
  };
}

/** SHA-256 by path of all files below a folder that can be opened. */
async function contentsOf(root: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.from("cannot be opened"));
    contents.set(path, createHash("sha256").update(bytes).digest("hex"));
  }
  return contents;
}

describe("a bad file among others", async () => {
  let written: readonly BadFile[];
  let outcomes: Awaited<ReturnType<typeof runAll>>;
  let root: string;
  let before: ReadonlyMap<string, string>;
  beforeAll(async () => {
    root = join(folder, "all");
    written = await writeBadFiles(join(root, "a"));
    await mkdir(join(root, "b"));
    for (const i of [1, 2, 3]) await copyFile(picture(`stripes/gray-${2 ** i}bit.png`), join(root, "b", `${i}.png`));
    await writeLoops(join(root, "b"));
    before = await contentsOf(root);
    outcomes = await runAll(root, "bad");
  }, 120_000);

  const cases = commands.flatMap((command) => badFiles.map((file) => ({ command, file, what: file.what })));
  it.for(cases)("$command, $what: it gets one clear line, or is read", ({ command, file }, context) => {
    if (!written.includes(file)) return context.skip("this file system takes UTF-8 names only");
    const { read, reasons } = outcomes[command];
    const relative = `a/${shownName(file)}`;
    if (file.reason === undefined) {
      expect(read).toContain(relative);
      expect(reasons.has(relative)).toBe(false);
    } else {
      expect(reasons.get(relative)).toMatch(file.reason);
      expect(reasons.get(relative)).not.toContain("\n");
      expect(read.some((path) => path.startsWith(relative))).toBe(false);
    }
  });

  it.each(commands)("%s reads the others, follows no link in a circle, and loses no file", (command) => {
    const { read, reasons } = outcomes[command];
    expect(read.filter((path) => path.startsWith("b/"))).toEqual(["b/1.png", "b/2.png", "b/3.png"]);
    expect(reasons.get("b/self.png")).toBe("a link that leads back to itself");
    expect(reasons.get("b/broken.png")).toBe("no such file: removed meanwhile, or a broken link");
    expect(read.length + reasons.size).toBe(written.length + 3 + 2); // pages of a truncated file are one
  });

  it("leaves every file as it was", async () => {
    expect(await contentsOf(root)).toEqual(before);
  });

  const run = () => join(folder, "runs", "bad");
  const training = () => ["--size", "32", "--window", "image", "--out", join(folder, "runs"), "--name", "by process"];
  it.each<[CommandName, () => readonly string[]]>([
    ["train", () => ["train", root, ...training()]],
    ["predict", () => ["predict", root, "--model", run()]],
    ["evaluate", () => ["evaluate", root, "--model", run()]],
    ["check", () => ["check", root]],
  ])(
    "%s as a process goes on, ends well, and names what it skips in lines of their own",
    async (command, args) => {
      const { stdout, stderr, code } = await grayling(...args());
      expect(code).toBe(0);
      const said = command === "check" ? stdout : stderr;
      expect(said).toContain("truncated PNG");
      expect(said).not.toContain("\u202e");
      expect(said).not.toMatch(/^c\.png/m); // the rest of a name with a new line
      const { size } = outcomes[command].reasons;
      if (command === "train") expect(said).toContain(`\n${size} files skipped:\n`);
      else if (command !== "check") expect(said.match(/^skipped .*: .+$/gm)).toHaveLength(size); // check groups what it says
    },
    60_000,
  );
});

describe("all of the mixed bits", () => {
  it("are read, or told, by every command as their expected.json says", async () => {
    const root = sharedFolder("data", "mixed-bits") ?? repositoryFolder("fixtures", "mixed-bits");
    const expected: Record<string, unknown> = JSON.parse(
      await readFile(repositoryFolder("fixtures", "mixed-bits", "expected.json"), "utf8"),
    );
    const names = Object.keys(expected).map((name) => name.normalize("NFC"));
    const namesOf = (kind: "error" | "ignored") => names.filter((name) => expected[name] === kind);
    const outcomes = await runAll(root, "mixed");
    for (const command of commands) {
      const { read, reasons, ignored } = outcomes[command];
      const files = [...new Set(read.map((path) => path.replace(/#\d+$/, "").normalize("NFC")))];
      expect([...reasons.keys()].sort(), command).toEqual(namesOf("error").sort());
      expect(files.sort(), command).toEqual(names.filter((name) => typeof expected[name] === "object").sort());
      expect(read.length, command).toBe(files.length + 4); // two files of three pages
      // The folder's own README, expected.json and make.py lie beside the classes.
      if (ignored !== undefined) expect(ignored, command).toBeGreaterThanOrEqual(namesOf("ignored").length);
    }
  }, 120_000);
});

describe("one picture alone", () => {
  const lost = badFiles.filter(({ reason, name }) => reason && typeof name === "string");
  it.each(lost)("verify, $what: the reason is the error", async ({ name, content, reason }) => {
    const path = join(folder, `alone ${name}`);
    await writeFile(path, await content());
    const { openBackbone } = await import("../backbone/open-backbone.js");
    const backbone = await openBackbone("efficientnet-lite0", { pooling: "avg", height: 32, width: 32 });
    const reading = { window: { kind: "image" } } as const;
    const error = await verify(runtime, backbone, path, reading).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.replace(`image ${path}: `, "")).toMatch(reason!);
  });

  it("of many pixels is what the limit makes it", async () => {
    const classifier = await openClassifier(runtime, "efficientnet-lite0");
    const read = async (maxPixels: number) => {
      const reasons: string[] = [];
      const options = { maxPixels, onSkip: ({ reason }: { reason: string }) => reasons.push(reason) };
      let count = 0;
      for await (const _ of predict(classifier, [picture("disc/gray-8bit.png")], options)) count++;
      return { count, reasons };
    };
    const reason = "claims 96 × 64 pixels, limit 6,143 in all (--max-pixels)";
    expect(await read(6143)).toEqual({ count: 0, reasons: [reason] });
    expect(await read(6144)).toEqual({ count: 1, reasons: [] });
  });
});

describe("files that vanish while they are read", () => {
  const bytes = () => readFile(picture("disc/gray-8bit.png"));

  /** Two classes of so many different pictures. */
  async function manyPictures(name: string, count: number): Promise<string> {
    const root = join(folder, name);
    for (const label of ["a", "b"]) {
      await mkdir(join(root, label), { recursive: true });
      const png = await bytes();
      for (let i = 0; i < count; i++)
        await writeFile(join(root, label, `${i}.png`), Buffer.concat([png, Buffer.from(`${label}${i}`)]));
    }
    return root;
  }

  it("cost those files, and a training goes on with the others", async () => {
    const root = await manyPictures("some vanish", 30);
    let isDeleted = false;
    const { dataset, validation } = await train(root, {
      ...settings("some vanish"),
      batch: 2,
      onEvent: async ({ kind }) => {
        if (kind !== "features" || isDeleted) return;
        isDeleted = true;
        for (let i = 5; i < 30; i++) await rm(join(root, "b", `${i}.png`));
      },
    });
    expect(dataset.images.length + dataset.skipped.length).toBe(60);
    expect(dataset.skipped.length).toBeGreaterThan(0);
    for (const { path, reason } of dataset.skipped) {
      expect(path).toMatch(/^b\//);
      expect(reason).toBe("no such file: removed meanwhile, or a broken link");
    }
    expect(validation).toBeDefined();
  });

  it("with their whole folder end a training in one line, and leave no run", async () => {
    const root = await manyPictures("all vanish", 30);
    let isDeleted = false;
    const onEvent: TrainSettings["onEvent"] = ({ kind }) => {
      if (kind !== "dataset" || isDeleted) return;
      isDeleted = true;
      void rm(join(root, "b"), { recursive: true });
    };
    const error = await train(root, { ...settings("all vanish"), batch: 2, onEvent }).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /class "b" is empty, .* all 30 were skipped, b\/0\.png: no such file: removed/,
    );
    expect(await readdir(join(folder, "runs"))).not.toContain("all vanish");
  });

  it("are each told, whenever they vanish", async () => {
    const root = await manyPictures("vanishing", 20);
    const images = (await readdir(join(root, "a"))).map((name) => ({ path: join(root, "a", name) }));
    const skips: string[] = [];
    let count = 0;
    const options = { height: 8, width: 8, fit: "stretch", batch: 2, concurrency: 1 } as const;
    for await (const { indices } of readBatches(images, { ...options, onSkip: (_, reason) => skips.push(reason) })) {
      if (count === 0) await rm(root, { recursive: true });
      count += indices.length;
    }
    expect(count).toBeGreaterThan(0);
    expect(count + skips.length).toBe(images.length);
    expect(new Set(skips)).toEqual(new Set(["no such file: removed meanwhile, or a broken link"]));
  });
});

describe("a folder with which nothing can go on", () => {
  const model = ["--model", "efficientnet-lite0"];
  const one = async (root: string, ...names: readonly string[]) => {
    for (const name of names) {
      await mkdir(join(root, name), { recursive: true });
      await copyFile(picture("disc/gray-8bit.png"), join(root, name, "1.png"));
    }
  };
  const manyRows = Array.from({ length: 10_000 }, (_, i) => `${i}.png,class ${i}\n`).join("");

  const cases: readonly (readonly [
    what: string,
    make: (root: string) => Promise<unknown>,
    args: (root: string) => readonly string[],
    message: string,
  ])[] = [
    ["no folder, train", async () => {}, (root) => ["train", join(root, "none")], "no such folder"],
    ["no folder, evaluate", async () => {}, (root) => ["evaluate", join(root, "none"), ...model], "no such folder"],
    ["no folder, check", async () => {}, (root) => ["check", join(root, "none")], "none: no such folder"],
    [
      "no file, predict",
      async () => {},
      (root) => ["predict", join(root, "none.png"), ...model],
      "no such file or folder",
    ],
    ["an empty folder, train", async () => {}, (root) => ["train", root], "got an empty folder"],
    [
      "an empty folder, predict",
      async () => {},
      (root) => ["predict", root, ...model],
      "expected images below it, got none",
    ],
    [
      "a text file, train",
      (root) => writeFile(join(root, "x.txt"), "x"),
      (root) => ["train", join(root, "x.txt")],
      "got a file",
    ],
    [
      "an empty CSV, train",
      (root) => writeFile(join(root, "x.csv"), ""),
      (root) => ["train", join(root, "x.csv")],
      "got nothing",
    ],
    [
      "a text, predict",
      (root) => writeFile(join(root, "x.png"), "x"),
      (root) => ["predict", join(root, "x.png"), ...model],
      "none of the 1 files could be read",
    ],
    [
      "a link to itself, train",
      (root) => symlink("loop", join(root, "loop")),
      (root) => ["train", join(root, "loop")],
      "a link that leads back to itself",
    ],
    [
      "a link to itself, predict",
      (root) => symlink("loop", join(root, "loop")),
      (root) => ["predict", join(root, "loop"), ...model],
      "no such file or folder",
    ],
    [
      "one image, train",
      (root) => one(root, "a"),
      (root) => ["train", root],
      'expected at least two classes, got one, "a"',
    ],
    [
      "one image, evaluate",
      (root) => one(root, "a"),
      (root) => ["evaluate", root, ...model],
      'expected at least two classes, got one, "a"',
    ],
    [
      "10,000 classes in a CSV, train",
      (root) => writeFile(join(root, "x.csv"), `path,label\n${manyRows}`),
      (root) => ["train", join(root, "x.csv")],
      "10000 classes, expected at most 5000; is each label really a class?",
    ],
    [
      "a class that is all damaged, train",
      (root) => one(root, "a", "b").then(() => writeFile(join(root, "b", "1.png"), "x")),
      (root) => ["train", root, "--size", "32"],
      'class "b" is empty, expected at least one readable image, all 1 were skipped, b/1.png: not an image: text',
    ],
    [
      "a picture above --max-pixels, verify",
      (root) => one(root, "a"),
      (root) => ["verify", join(root, "a", "1.png"), "--max-pixels", "100"],
      "claims 96 × 64 pixels, limit 100 in all (--max-pixels)",
    ],
    [
      "a truncated picture, explain",
      (root) => copyFile(picture("disc/truncated.png"), join(root, "x.png")),
      (root) => ["explain", "efficientnet-lite0", "--image", join(root, "x.png")],
      "truncated PNG",
    ],
  ];
  let count = 0;
  it.each(cases)(
    "%s: one line, exit code 2, no run",
    async (_, make, args, message) => {
      const root = join(folder, `end ${count++}`);
      await mkdir(root);
      await make(root);
      const { stdout, stderr, code } = await grayling(
        ...args(root),
        ...(args(root)[0] === "train" ? ["--out", root] : []),
      );
      const lines = stderr.trimEnd().split("\n");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(lines.at(-1)).toMatch(/^grayling: /);
      expect(lines.at(-1)).toContain(message);
      expect(stderr).not.toContain("    at "); // no stack
      expect((await readdir(root)).filter((name) => /-1$|^\./.test(name))).toEqual([]);
    },
    30_000,
  );

  it("a class whose name is no UTF-8 is not left out in silence", async (context) => {
    const root = join(folder, "misnamed");
    await one(root, "a", "b");
    const path = Buffer.concat([Buffer.from(`${root}/`), invalidName]);
    const isMade = await mkdir(path).then(
      () => true,
      () => false,
    );
    if (!isMade) return context.skip("this file system takes UTF-8 names only");
    const error = await train(root, settings("misnamed")).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("its name is not valid UTF-8, so it cannot be opened; rename it");
  });

  it("of 10,000 classes is refused by a training before any is walked, and checked all the same", async () => {
    const root = join(folder, "classes");
    await mkdir(root);
    await copyFile(picture("disc/gray-8bit.png"), join(folder, "one.png"));
    for (let i = 0; i < 10_000; i++) {
      await mkdir(join(root, `${i}`));
      await link(join(folder, "one.png"), join(root, `${i}`, "1.png"));
    }
    await expect(train(root, settings("classes"))).rejects.toThrow(
      "10000 classes, expected at most 5000; is each folder really a class?",
    );
    const { inspection, findings } = await checkFolder(root);
    expect(inspection.files.filter((file) => file.picture)).toHaveLength(10_000);
    expect(findings[0]?.severity).toBe("problem");
  }, 120_000);
});

const cli = fileURLToPath(new URL("../cli.js", import.meta.url));

async function grayling(...args: readonly string[]) {
  const { NO_COLOR, FORCE_COLOR, ...environment } = process.env;
  const env = { ...environment, CI: "true", XDG_CACHE_HOME: join(folder, "cache") };
  const child: ChildProcess = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exit]);
  return { stdout, stderr, code };
}
