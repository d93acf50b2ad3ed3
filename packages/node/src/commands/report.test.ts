import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { createColors } from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeRun } from "../testing/made-run.js";
import type { Console } from "./console.js";
import { defineReport } from "./report.js";

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling report ü-"));
  run = join(folder, "a run");
  await mkdir(run);
  const files = madeRun({ classes: ["a", "b"], perClass: 5 });
  for (const name of ["config.json", "metrics.json", "predictions.csv", "results.csv", "split.csv"]) {
    await writeFile(join(run, name), (await files.read(name))!);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function report(...args: readonly string[]) {
  const [lines, notes]: [string[], string[]] = [[], []];
  const console: Console = {
    print: (line = "") => void lines.push(line),
    note: (line) => void notes.push(line),
    progress: { update: () => {}, status: () => {}, finish: () => {} },
    colors: createColors(false),
    signal: new AbortController().signal,
    cache: join(folder, "cache"),
  };
  const program = new Command();
  defineReport(program, console);
  await program.parseAsync(["node", "grayling", "report", ...args]);
  return { lines, notes };
}

describe("grayling report", () => {
  it("prints where the page is, and says in a line each why there are no pictures and no heat maps", async () => {
    const { lines, notes } = await report(run);
    expect(lines).toEqual([join(run, "report.html")]);
    expect(notes).toHaveLength(2); // the run was made without images and without a network
    expect(notes[0]).toMatch(
      /^report: 15 of 15 pictures cannot be shown \(.*\); --images says where the images are now$/,
    );
    expect(notes[1]).toMatch(/^report: no heat maps, the network cannot be opened: .*changed since the training/);
    expect(await readFile(lines[0]!, "utf8")).toContain("<h1><bdi>a run</bdi></h1>");
    expect(await readFile(join(run, "charts", "roc-curves.svg"), "utf8")).toMatch(/^<svg /);
  });

  it("refuses what is no run, and images that are not there", async () => {
    await expect(report(folder)).rejects.toThrow("no config.json in it, expected a folder that train wrote");
    await expect(report(run, "--images", join(folder, "none"))).rejects.toThrow("no such folder or CSV file");
  });
});
