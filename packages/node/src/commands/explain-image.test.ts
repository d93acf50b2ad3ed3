import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { createColors } from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import type { Console } from "./console.js";
import { defineExplainImage } from "./explain-image.js";
import { definePredict } from "./predict.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling explain-image ü-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cat = repositoryFolder("fixtures", "lite0", "chelsea.png");
const truncated = repositoryFolder("fixtures", "mixed-bits", "disc", "truncated.png");

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  const notes: string[] = [];
  const console: Console = {
    print: (line = "") => void lines.push(line),
    note: (line) => void notes.push(line),
    progress: { update: () => {}, status: () => {}, finish: () => {} },
    colors: createColors(false),
    signal: new AbortController().signal,
    cache: join(folder, "cache"),
  };
  const program = new Command();
  defineExplainImage(program, console);
  definePredict(program, console);
  await program.parseAsync(["node", "grayling", ...args]);
  return { lines, notes };
}

describe("grayling explain-image", () => {
  it("tells the classes, where the pictures are, and what could not be read", async () => {
    const out = join(folder, "explained");
    const { lines, notes } = await run(
      "explain-image",
      "efficientnet-lite0",
      cat,
      truncated,
      "--out",
      out,
      "--top",
      "2",
    );
    expect(lines[0]).toMatch(/chelsea\.png {2}Egyptian cat +59\.\d % {2}tabby, tabby cat +18\.\d %$/);
    expect(lines.at(-1)).toBe(`1 picture, cam.json and cam.csv in ${out}`);
    expect(notes).toEqual([`skipped ${truncated}: truncated PNG`]);
    expect((await readdir(out)).sort()).toEqual(["cam.csv", "cam.json", "chelsea.cam.png"]);
  });

  it("is what predict does with --cam, read as predict was told to", async () => {
    const [explained, predicted] = [join(folder, "a"), join(folder, "b")];
    await run("explain-image", "efficientnet-lite0", cat, "--out", explained);
    await run("predict", cat, "--model", "efficientnet-lite0", "--cam", predicted, "--window", "full");
    expect(await readFile(join(predicted, "cam.csv"))).toEqual(await readFile(join(explained, "cam.csv")));
    const { notes } = await run(
      ...[
        "predict",
        cat,
        "--model",
        "efficientnet-lite0",
        "--cam",
        predicted,
        "--window",
        "0:100",
        "--tta",
        "horizontal",
      ],
    );
    expect(notes).toContain("note: --cam shows images as they are, without --tta");
    expect(await readFile(join(predicted, "cam.csv"))).not.toEqual(await readFile(join(explained, "cam.csv")));
  });

  it("knows the ImageNet classes by name", async () => {
    const out = join(folder, "class");
    const explain = (name: string) => run("explain-image", "efficientnet-lite0", cat, "--out", out, "--class", name);
    expect((await explain("espresso")).lines[0]).toContain("espresso");
    await expect(explain("expresso")).rejects.toThrow('did you mean "espresso"?');
  });
});
