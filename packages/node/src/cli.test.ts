/** The command line as it is shipped: as a process of its own. Each start costs, so each does for several statements. */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paintNoise } from "./testing/paint-noise.js";
import { repositoryFolder } from "./testing/repository-folder.js";
import { version } from "./version.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
/** What would move the cursor or colour the text. */
const escapes = new RegExp(`[${String.fromCharCode(27)}\\r]`);

const cli = fileURLToPath(new URL("./cli.js", import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling cli größe 灰-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts `grayling` in the test's folder, with a cache of its own; CI would have colours in pipes. */
function start(args: readonly string[]): ChildProcess {
  const { NO_COLOR, FORCE_COLOR, ...environment } = process.env;
  const env = { ...environment, CI: "true", XDG_CACHE_HOME: join(folder, "cache") };
  return spawn(process.execPath, [cli, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
}

async function finish(child: ChildProcess) {
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exit]);
  return { stdout, stderr, code };
}

const grayling = (...args: readonly string[]) => finish(start(args));

describe("help", () => {
  it("needs nothing but the command line's own modules, so that it is there at once", async () => {
    const reached = new Set([cli]);
    const packages = new Set<string>();
    for (const file of reached) {
      const code = await readFile(file, "utf8");
      for (const [, specifier] of code.matchAll(/^(?:import|export) [^;]*?from "([^"]+)";/gm)) {
        if (specifier!.startsWith(".")) reached.add(join(dirname(file), specifier!));
        else packages.add(specifier!);
      }
    }
    expect(reached.size).toBeGreaterThan(10);
    expect([...packages].filter((name) => !name.startsWith("node:")).sort()).toEqual([
      "cli-progress",
      "commander",
      "picocolors",
    ]);
  });

  it("is printed for each command, with examples", async () => {
    const { stdout, code } = await grayling("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:\n  $ grayling demo");
    const commands = [...stdout.matchAll(/^ {2}([\w-]+) (?:\[options\] )?/gm)].map(([, name]) => name!);
    for (const name of [
      "check",
      "split-check",
      "augment",
      "train",
      "predict",
      "evaluate",
      "report",
      "verify",
      "summary",
      "explain",
      "explain-image",
      "export",
      "weights",
      "doctor",
    ]) {
      expect(commands).toContain(name);
      const help = await grayling(name, "--help");
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toContain(`Usage: grayling ${name} `);
      expect(help.stdout).toContain(`Examples:\n  $ grayling ${name}`);
    }
  });

  it("is not needed to know the version", async () => {
    expect(await grayling("--version")).toEqual({ code: 0, stdout: `${version()}\n`, stderr: "" });
  });
});

describe("wrong input", () => {
  const cases: readonly [readonly string[], string][] = [
    [["trian", "photos"], "unknown command 'trian' (Did you mean train?)"],
    [["train", "photos", "--sise", "64"], "unknown option '--sise' (Did you mean --size?)"],
    [["train", "photos", "--size", "big"], "Expected height x width in px, such as 84x112"],
    [
      ["train"],
      "train: expected a folder of images, or --resume with the folder of a training that was stopped, got neither",
    ],
    [["train", mixedBits, "--model", "efficientnet-lit0"], '(did you mean "efficientnet-lite0"?)'],
    [["train", "no such folder"], "no such folder, expected a folder with one subfolder per class"],
    [["train", join(mixedBits, "disc")], "expected one subfolder per class"],
    [["predict", "photo.png", "--model", "efficientnet-lit0"], '(did you mean "efficientnet-lite0"?)'],
    [["predict", "photo.png", "--model", "runs/x", "--batch", "0"], "Expected a whole number of at least 1"],
    [["train", mixedBits, "--epochs", "3"], "epochs: only a head of layers has it"],
    [["train", mixedBits, "--folds", "3", "--val", "0.5"], "leave one of them out"],
    [
      ["export", "efficientnet-b0", "--out", "x.txt"],
      "expected a name that ends in .weights.h5, .h5, .keras, .onnx, .safetensors",
    ],
    [
      ["export", "efficientnet-lite0", "--convention", "timm", "--out", "x.onnx"],
      "convention: ImageNet's weights here are Keras', expected keras or keras-unsized, got timm",
    ],
    [["summary", "efficientnet-b0", "--pooling", "max"], "pooling: the classifier has its own, use it with --no-top"],
    [["summary", "efficientnet-b0", "--no-top", "--classes", "5"], "classes: without the classifier there are none"],
    [["weights", "fetch", "efficientnet-b9"], 'did you mean "efficientnet-b0"?'],
    [["weights", "path", "efficientnet-b0"], "grayling weights fetch efficientnet-b0"],
    [["explain"], "expected the name of a network, such as efficientnet-b5, or --all"],
    [["explain", "efficientnet-b55"], 'did you mean "efficientnet-b5"?'],
    [["explain-image", "efficientnet-lite0", mixedBits], "required option '-o, --out <folder>' not specified"],
    [
      ["explain-image", "efficientnet-lite0", mixedBits, "--out", "x", "--method", "gradcam"],
      'expected one of grad-cam, grad-cam++, cam, occlusion (did you mean "grad-cam"?)',
    ],
    [["report", "no such run"], "run no such run: no config.json in it, expected a folder that train wrote"],
    [["weights", "ftech"], "unknown command 'ftech'"],
    [
      ["summary", "efficientnet-b0", "--input", "8x8"],
      "Input size must be at least 32x32; Received: input_shape=(8, 8, 3)",
    ],
  ];
  it.each(cases)("%j: one line on standard error, exit code 2", async (args, message) => {
    const { stdout, stderr, code } = await grayling(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^grayling: [^\n]*\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(escapes);
  });

  it("shows where an error comes from with --debug only", async () => {
    await mkdir(join(folder, "one class", "only"), { recursive: true });
    await copyFile(join(mixedBits, "disc", "gray.bmp"), join(folder, "one class", "only", "1.bmp"));
    const { stderr, code } = await grayling("train", "one class", "--debug");
    expect(code).toBe(2);
    expect(stderr).toContain("InputError: dataset ");
    expect(stderr).toContain('expected at least two classes, got one, "only"');
    expect(stderr).toMatch(/\n {4}at .*scan-folder\.js:\d+/);
  });
});

describe("from images to a classifier", () => {
  const run = join("läufe 1", "erster");

  it("trains, in plain lines where nobody watches, whatever the paths are called", async () => {
    for (const label of ["disc", "stripes"]) {
      await mkdir(join(folder, "bilder größer", `${label} 圆`), { recursive: true });
      for (const name of ["gray.bmp", "gray.gif", "gray.jpg", "gray-8bit.png", "gray-16bit.png", "cmyk.jpg"]) {
        await copyFile(join(mixedBits, label, name), join(folder, "bilder größer", `${label} 圆`, name));
      }
    }
    await writeFile(join(folder, "bilder größer", "disc 圆", "broken.png"), "no image");
    const args = ["train", "bilder größer", "--size", "48x64", "--val", "0.34", "--out", "läufe 1", "--name", "erster"];
    const { stdout, stderr, code } = await grayling(...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^accuracy {2}\d+\.\d %$/m);
    expect(stdout).toContain(`written to ${run}\n`);
    expect(stderr).toContain("bilder größer: 13 images in 2 classes, 6 to 7 each\n");
    expect(stderr).toContain("  disc 圆/broken.png: not an image: text\n");
    expect(stdout + stderr).not.toMatch(escapes);
    expect((await readdir(join(folder, run))).sort()).toContain("model.onnx");
  });

  it("predicts as a table, as JSON and as CSV", async () => {
    const image = join(mixedBits, "stripes", "gray-lossless.webp");
    const [table, json] = await Promise.all([
      grayling("predict", image, "--model", run),
      grayling("predict", image, join(mixedBits, "disc", "empty.png"), "--model", run, "--json", "--csv", "p.csv"),
    ]);
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout).toMatch(/gray-lossless\.webp {2}stripes 圆 +\d+\.\d % {2}disc 圆 +\d+\.\d %\n$/);
    const { predictions, skipped } = JSON.parse(json.stdout);
    expect(predictions).toMatchObject([{ path: image, label: "stripes 圆" }]);
    expect(predictions[0].top).toHaveLength(2);
    expect(skipped).toEqual([{ path: join(mixedBits, "disc", "empty.png"), reason: "empty file (0 bytes)" }]);
    const [header, row] = (await readFile(join(folder, "p.csv"), "utf8")).split("\n");
    expect(header).toBe("path,predicted,unknown,novelty,set,disc 圆,stripes 圆");
    expect(row).toContain("stripes 圆,");
  });

  it("evaluates", async () => {
    const { stdout, code } = await grayling("evaluate", "bilder größer", "--model", run, "--json");
    expect(code).toBe(0);
    const { confusionMatrix, skipped } = JSON.parse(stdout);
    expect(confusionMatrix.flat().reduce((a: number, b: number) => a + b)).toBe(12);
    expect(skipped).toHaveLength(1);
  });

  it("fails with exit code 1, in one line, on a model file whose graph is damaged", async () => {
    const bytes = await readFile(join(folder, run, "model.onnx"));
    const at = bytes.indexOf("GlobalAveragePool");
    bytes.write("GlobalAveragePoke", at, "latin1");
    await writeFile(join(folder, "damaged.onnx"), bytes);
    const { stdout, stderr, code } = await grayling("predict", join(mixedBits, "disc"), "--model", "damaged.onnx");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^grayling: ONNX Runtime: [^\n]*GlobalAveragePoke[^\n]*\n$/);
  });

  it("says that the folded network is the same", async () => {
    const { stdout, code } = await grayling("verify", "--size", "33x46", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: "efficientnet-lite0", image: "seeded noise", isEqual: true });
  });
});

describe("a process that is told to stop", () => {
  it("by Ctrl-C leaves no run, and the same command goes on from what was computed", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has no SIGINT that one process can send another");
    await paintNoise(join(folder, "noise"), 400);
    const args = ["train", "noise", "--size", "96", "--batch", "1", "--threads", "1", "--out", "runs"];
    const { length: before } = await listChunks();
    const first = start(args);
    const finished = finish(first);
    while ((await listChunks()).length === before && first.exitCode === null) await sleep(2);
    first.kill("SIGINT");
    const { stdout, stderr, code } = await finished;
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/\ngrayling: stopped[^\n]*\n$/);
    expect(stderr).not.toContain("    at "); // no stack
    expect(await readdir(join(folder, "runs"))).toEqual([]);
    const second = await grayling(...args);
    expect(second.code).toBe(0);
    const [, computed, known] = /features of (\d+) images? computed, (\d+) images? known/.exec(second.stderr)!;
    expect(Number(known)).toBeGreaterThanOrEqual(256); // the chunk that was seen
    expect(Number(computed) + Number(known)).toBe(400);
    expect(await readdir(join(folder, "runs"))).toEqual(["noise-1"]);
  });

  it("by Ctrl-C stops at once where there is nothing to keep", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has no SIGINT that one process can send another");
    const child = start(["verify", "--model", "efficientnet-b7", "--weights", "random", "--size", "320"]);
    const finished = finish(child);
    await sleep(1000); // it has started, and has seconds of work before it
    child.kill("SIGINT");
    expect((await finished).stdout).toBe("");
    expect(child.exitCode === 130 || child.signalCode === "SIGINT").toBe(true);
  });

  it("by a reader that has seen enough ends without a word", async () => {
    const child = start(["summary", "efficientnet-b7"]);
    const stderr = text(child.stderr!);
    child.stdout!.once("data", () => child.stdout!.destroy());
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: "" });
  });
});

/** Files of features in the cache. */
async function listChunks(): Promise<string[]> {
  const names = await readdir(join(folder, "cache", "grayling", "features"), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".safetensors"));
}
