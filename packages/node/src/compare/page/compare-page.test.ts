import colors from "picocolors";
import { describe, expect, it } from "vitest";
import { printComparison } from "../../commands/compare-report.js";
import type { Console } from "../../commands/console.js";
import { type FinishedRun, readRun } from "../../run/finished-run.js";
import { madeRun } from "../../testing/made-run.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { compareRuns } from "../compare-runs.js";
import { comparePage } from "./compare-page.js";

const hostile = '<img src=x onerror=alert(1)>"\u202e';

/** Runs that differ on some of the images, by a shift of their answers. */
async function runs(count: number, names = ["crack", "dent", hostile]): Promise<FinishedRun[]> {
  const made = await readRun(
    madeRun({ classes: names, perClass: 12, dataset: repositoryFolder("fixtures", "shapes"), pathOf: pathOf }),
  );
  return Array.from({ length: count }, (_, r) => ({
    ...made,
    name: r === 1 ? `${hostile}-1` : `run-${r}`,
    source: `/runs/run-${r}`,
    images: made.images.map((image, i) => {
      const predicted = i % (r + 3) === 0 ? (image.label + 1) % names.length : image.label;
      return { ...image, predicted, probabilities: Float32Array.from(names, (_, k) => (k === predicted ? 0.7 : 0.1)) };
    }),
  }));
}

const pathOf = (name: string, side: string, i: number) => `${name.slice(0, 5)}/${side} <b>${i}.png`;

function printed(comparison: ReturnType<typeof compareRuns>, width: number): string[] {
  const lines: string[] = [];
  const console: Pick<Console, "print" | "colors"> = {
    print: (line = "") => void lines.push(line),
    colors: colors.createColors(false),
  };
  printComparison(comparison, { width }, console);
  return lines;
}

describe("the page of a comparison", () => {
  it.each([2, 4, 10])("of %i runs is whole, small, escaped, and stands alone", async (count) => {
    const own = await runs(count);
    const page = await comparePage(compareRuns(own), own);
    expect(page.length).toBeLessThan(1e6);
    expect(page).not.toMatch(/<(script|link|iframe|img)|@import|(src|href)="(?!data:|#)/);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(page).not.toContain("<b>0.png");
    expect(page.includes("no such file")).toBe(true); // a frame in the place of each picture says so
    expect(page).toMatch(/<section id="images">/);
  });

  it("of runs that agree says so", async () => {
    const [first] = await runs(1);
    const own = [first!, { ...first!, name: "again", source: "/runs/again" }];
    const page = await comparePage(compareRuns(own), own);
    expect(page).toContain("Nowhere: they name the same class for all");
    expect(page).toContain("right and wrong on the same images");
  });
});

describe("a comparison on the terminal", () => {
  it.each([40, 80, 200])("fits %i columns but for paths and names, and steers nothing", async (width) => {
    const lines = printed(compareRuns(await runs(4)), width);
    const sentences = lines.filter((line) => /better than|no difference|measured by all/.test(line));
    expect(sentences.length).toBeGreaterThan(1);
    for (const line of sentences) expect(line.length).toBeLessThanOrEqual(width);
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}|\u202e/u);
  });
});
