/** Reports of large runs: a page that a mail program still takes. */
import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeRun } from "../testing/made-run.js";
import { makeReport } from "./make-report.js";

const most = 15e6; // bytes
const classes = Array.from({ length: 200 }, (_, k) => `class ${k}`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling large "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the report of 200 classes", () => {
  it("stays below 15 MB with 20,000 images that validate", async () => {
    const report = await makeReport(madeRun({ classes, perClass: 100, measured: "validation" }));
    for (const content of report.values()) expect(content.length).toBeLessThan(2e6);
  });

  it("stays below 15 MB with pictures of noise, the hardest to store", async () => {
    const [random, side, perClass] = [new SeededRandom(0, "noise"), 112, 15];
    const levels = Uint8Array.from({ length: side * side }, () => random.integer(256));
    const noise = join(folder, "noise.png");
    await writeFile(
      noise,
      await sharp(levels, { raw: { width: side, height: side, channels: 1 } })
        .toColourspace("b-w")
        .png()
        .toBuffer(),
    );
    for (const name of classes) {
      for (let i = 0; i < perClass; i++) await link(noise, join(folder, `${name} val ${i}.png`));
    }
    const pathOf = (name: string, split: string, i: number) => `${name} ${split} ${i}.png`;
    const files = madeRun({ classes, perClass, measured: "validation", dataset: folder, pathOf });
    const page = (await makeReport(files)).get("report.html") as string;
    expect(page.length).toBeLessThan(most);
    expect(page.length).toBeGreaterThan(most / 3); // there are pictures
  });
});
