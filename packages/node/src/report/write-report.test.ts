/** The report of a run that took place: its pictures, its heat maps, and the programs that it gives. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SeededRandom } from "@grayling/core";
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClassifier } from "../predict/open-classifier.js";
import { predict } from "../predict/predict.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { train } from "../train/train.js";
import { writeReport } from "./write-report.js";

const exec = promisify(execFile);
const runtime = new OrtRuntime();
const [height, width] = [48, 72]; // px
const python = process.env["GRAYLING_PYTHON_ONNX"];

let folder: string;
let run: string;

/** Noise, coarse or fine; every fifth is of the other class than its label says. */
function picture(seed: number, isCoarse: boolean): Promise<Buffer> {
  const random = new SeededRandom(seed, "picture");
  const grain = isCoarse ? 8 : 2; // px
  const levels = Array.from({ length: height * width }, () => random.integer(256));
  const data = Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return levels[Math.floor(y / grain) * width + Math.floor(x / grain)]!;
  });
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling report ü-"));
  for (const [label, name] of ["coarse", "fine grain"].entries()) {
    await mkdir(join(folder, "images", name), { recursive: true });
    for (let i = 0; i < 30; i++) {
      const isCoarse = (label === 0) !== (i % 5 === 0);
      await writeFile(join(folder, "images", name, `${i}.png`), await picture(100 * label + i, isCoarse));
    }
  }
  const settings = { height: 64, width: 64, test: 0.3, out: folder, name: "it's a run", cache: join(folder, "cache") };
  ({ folder: run } = await train(join(folder, "images"), settings));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the report of a run", () => {
  let page: string;

  beforeAll(async () => {
    page = await readFile(await writeReport(run, { runtime }), "utf8");
  });

  it("lies in the run folder with its charts, and nothing else is left", async () => {
    const names = await readdir(run);
    expect(names).toContain("report.html");
    expect(names.filter((name) => name.startsWith("."))).toEqual([]);
    for (const chart of await readdir(join(run, "charts"))) expect(chart).toMatch(/^[a-z-]+\.svg$/);
  });

  it("has every picture once, in the file's aspect, and heat maps beside the mistakes", () => {
    const { document } = parseHTML(page);
    const sources = [...page.matchAll(/base64,([\w+/=]+)/g)].map(([, data]) => data);
    expect(new Set(sources).size).toBe(sources.length);
    expect(page).toMatch(/\.p0\{--w:112;--h:75;/);
    const mistakes = [...document.querySelectorAll("#mistakes .gallery > li")];
    expect(mistakes.length).toBeGreaterThan(1);
    for (const mistake of mistakes) {
      expect(mistake.querySelectorAll(".shot")).toHaveLength(2);
      expect(mistake.querySelector(".heat")!.getAttribute("aria-label")).toMatch(/what speaks for .*\d/);
    }
    expect(document.querySelectorAll(".lost")).toHaveLength(0);
  });

  it("shows the gray levels of the file", async () => {
    const { document } = parseHTML(page);
    const first = document.querySelector("#mistakes .gallery > li")!;
    const place = /p\d+/.exec(first.querySelector(".shot")!.className)![0];
    const [, data] = new RegExp(`\\.${place}\\{[^}]*base64,([\\w+/=]+)`).exec(page)!;
    const path = join(folder, "images", first.querySelector(".path")!.textContent!);
    const small = { width: 112, height: 112, fit: "fill" } as const;
    const [shown, file] = await Promise.all(
      [Buffer.from(data!, "base64"), await readFile(path)].map((bytes) =>
        sharp(bytes).resize(small).greyscale().raw().toBuffer(),
      ),
    );
    const differences = shown!.map((level, i) => Math.abs(level - file![i]!));
    // WebP at quality 70, and two ways to scale: on noise, the hardest there is.
    expect(differences.reduce((a, b) => a + b, 0) / differences.length).toBeLessThan(25);
  });

  it("tells how the stem was folded", () => {
    expect(page).toContain("3 channels folded into one, exactly");
  });

  it("is the same when it is written again, and finds images that were moved", async () => {
    const again = async (images?: string) => readFile(await writeReport(run, { runtime, images }), "utf8");
    expect(await again()).toBe(page);
    await rename(join(folder, "images"), join(folder, "moved"));
    const gone = await again();
    expect(gone).toContain("no such file");
    expect(gone).not.toContain("data:image");
    const moved = await again(join(folder, "moved"));
    await rename(join(folder, "moved"), join(folder, "images"));
    expect(moved).toBe(page);
  });

  it("says what it does without where the network's weights have changed", async () => {
    const notes: string[] = [];
    const config = await readFile(join(run, "config.json"), "utf8");
    await writeFile(join(run, "config.json"), config.replace(/"trunk": "[^"]+"/, '"trunk": "another"'));
    const path = await writeReport(run, { runtime, onNote: (note) => notes.push(note) });
    await writeFile(join(run, "config.json"), config);
    expect(notes.join()).toMatch(/no heat maps.*have changed since the training/);
    expect(await readFile(path, "utf8")).not.toContain(" heat");
  });

  it("stops where it is asked to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(writeReport(run, { runtime, signal })).rejects.toThrow("enough");
  });
});

describe("a program that the report gives", () => {
  const program = async (heading: string): Promise<string> => {
    const { document } = parseHTML(await readFile(join(run, "report.html"), "utf8"));
    const title = [...document.querySelectorAll("#use h3")].find(({ textContent }) => textContent === heading)!;
    return title.nextElementSibling!.textContent!;
  };
  const expected = async () => {
    const classifier = await openClassifier(runtime, run);
    for await (const prediction of predict(classifier, [join(folder, "new.png")])) {
      await classifier.session.release();
      return prediction;
    }
    throw new Error("internal: no prediction");
  };

  beforeAll(async () => {
    await writeReport(run, { runtime });
    await writeFile(join(folder, "new.png"), await picture(999, true));
  });

  it("runs in TypeScript, and says what predict says", async () => {
    await mkdir(join(folder, "node_modules"), { recursive: true });
    await symlink(repositoryFolder("packages", "node"), join(folder, "node_modules", "grayling"), "junction");
    await writeFile(join(folder, "use.mjs"), await program("In TypeScript")); // which has no types in it
    const { stdout } = await exec(process.execPath, ["use.mjs"], { cwd: folder });
    const { label, isUnknown, probabilities } = await expected();
    const [path, ...said] = stdout.trim().split(" ");
    expect(path).toBe("new.png");
    expect(said.slice(0, -1).join(" ")).toBe(isUnknown ? "unknown" : label);
    expect(Number(said.at(-1))).toBeCloseTo(Math.max(...probabilities), 5);
  });

  it("runs in Python with onnxruntime and Pillow, and says what predict says", async (context) => {
    if (python === undefined)
      return context.skip("GRAYLING_PYTHON_ONNX names no Python with onnxruntime, numpy and Pillow");
    await writeFile(join(folder, "use.py"), await program("In Python, without grayling"));
    const { stdout } = await exec(python, ["use.py"], { cwd: folder });
    const { label, isUnknown, set, probabilities } = await expected();
    const [first, unknown, oneOf] = stdout.trim().split("\n");
    expect(first!.startsWith(`${label} `)).toBe(true);
    // Two versions of ONNX Runtime, and Pillow's scaling for ours: some 1e-4 of a probability.
    expect(Math.abs(Number(first!.split(" ").at(-1)) - Math.max(...probabilities))).toBeLessThan(1e-3);
    expect(unknown).toBe(isUnknown ? "unknown" : "familiar");
    expect(oneOf).toBe(`one of [${set!.map((name) => `'${name}'`).join(", ")}]`);
  });
});
