import { describe, expect, it } from "vitest";
import { readRun } from "../run/finished-run.js";
import { type MadeRun, madeRun } from "../testing/made-run.js";
import { codeBlock, codeText, plainText } from "./card/markdown.js";
import { modelCard } from "./model-card.js";
import { readSplitCounts } from "./split-counts.js";

const classes = ["crack", "dent", "fine"];

async function cardOf(made: Partial<MadeRun> = {}, folder?: string): Promise<string> {
  const files = madeRun({ classes, perClass: 12, ...made }, folder);
  const run = await readRun(files);
  return modelCard(run, { counts: await readSplitCounts(files, run) });
}

/** What follows the metadata, without code in fences. */
const bodyOf = (card: string): string =>
  card.slice(card.indexOf("\n---\n", 4) + 5).replaceAll(/^```[\s\S]*?^```$/gm, "");

describe("a model card", () => {
  it.each<[string, Partial<MadeRun>]>([
    ["a linear head, with a test", {}],
    ["a head of layers, validated", { trained: "layers", measured: "validation" }],
    ["a network, cross-validated", { trained: "network", measured: "folds" }],
    ["a run with nothing held out", { measured: "none" }],
    ["a run of an earlier version", { isOld: true }],
    ["windows that Python is not told how to cut", { config: { window: "image" } }],
    ["500 classes", { classes: Array.from({ length: 500 }, (_, k) => `class ${k}`), perClass: 1 }],
  ])("of %s has every section, and no value that is not one", async (_, made) => {
    const card = await cardOf(made);
    const headings = [...bodyOf(card).matchAll(/^##? (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.filter((heading) => heading !== "How far its answers can be trusted")).toEqual([
      ...["`run`", "What it is for", "Data", "Training", "Evaluation", "What to be careful about", "How to use it"],
    ]);
    expect(card).not.toMatch(/NaN|undefined|Infinity|\[object|\bnull\b/);
    expect(card.length).toBeLessThan(60_000);
    expect(card).not.toContain("\n\n\n");
  });

  it("tells the metrics of the test with their intervals, to the hub and to people", async () => {
    const run = await readRun(madeRun({ classes, perClass: 12 }));
    const { test } = run.metrics;
    const accuracy = Number(test?.["accuracy"]);
    const [low, high] = test!.intervals!.of["accuracy"]!.map((end) => (100 * end!).toFixed(1));
    const card = await cardOf();
    expect(card).toContain(
      `    - type: accuracy\n      value: ${accuracy}\n      name: "accuracy (95 %: ${low}–${high}\u00a0%)"\n`,
    );
    expect(card).toContain(
      `Of 36 test images it names the right class for ${(100 * accuracy).toFixed(1)}\u00a0% (95 % interval: ${low}–${high}\u00a0%)`,
    );
    expect(card).toMatch(/^ {6}split: test$/m);
  });

  it("claims no result and no license where there is none", async () => {
    const card = await cardOf({ measured: "none" });
    expect(card).not.toContain("model-index");
    expect(card).toContain("how often it is right is not known");
    expect(card).toContain("license: other\nlicense_name: not-chosen-yet\n");
  });

  it("names the dataset, and no folder of the machine that trained", async () => {
    const card = await cardOf({ dataset: "/home/someone/private/steel" });
    expect(card).toContain('      name: "steel"\n');
    expect(card).toContain("grayling train steel");
    expect(card).not.toContain("/home");
  });

  it("keeps names out of its structure", async () => {
    const hostile = ["a | b", "`code`", "---", "<script>x</script>", "[x](javascript:y)\n\n# z"];
    const card = await cardOf({ classes: hostile, dataset: '/data/x" \n---\n# y: |' }, "/runs/a`b\n---\nlicense: mit");
    const metadata = card.slice(4, card.indexOf("\n---\n", 4));
    expect(metadata).not.toMatch(/^license: mit$/m);
    expect(metadata.split("\n").every((line) => /^( *(- )?[\w-]+:( .*)?|- [\w-]+|#.*)$/.test(line))).toBe(true);
    const body = bodyOf(card);
    expect(body).not.toMatch(/^# (y|z)|^---$/m);
    const table = body.split("\n").filter((line) => line.startsWith("| ") && line.includes("a \\| b"));
    expect(table).toHaveLength(2);
    for (const line of table) expect(line.replaceAll("\\|", "").split("|")).toHaveLength(line.includes("%") ? 7 : 6);
  });
});

it.each([
  ["crack", "`crack`"],
  ["a`b", "``a`b``"],
  ["`", "`` ` ``"],
  [" x ", "`  x  `"],
  ["", "``␠``"],
  ["a\nb", "`a?b`"],
])("writes %j as code", (text, code) => {
  expect(codeText(text)).toBe(code);
});

it("writes text so that nothing in it is markup, and code in a fence that it cannot end", () => {
  expect(plainText("*a* _b_ <c> [d](e) `f` #g & $h$ ~i~ x@y.z \\")).toBe(
    "\\*a\\* \\_b\\_ \\<c\\> \\[d\\](e) \\`f\\` \\#g \\& \\$h\\$ \\~i\\~ x\\@y.z \\\\",
  );
  expect(codeBlock("sh", "a\n```\nb")).toBe("````sh\na\n```\nb\n````\n");
});
