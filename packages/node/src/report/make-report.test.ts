/** Reports of made runs: whatever the run, the page is whole, stands alone, and says what the run's files say. */
import { InputError } from "@grayling/core";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { filesOfMap, type RunFiles } from "../run/finished-run.js";
import { type MadeRun, madeRun } from "../testing/made-run.js";
import { makeReport } from "./make-report.js";
import { showDecimal, showInterval, showPart } from "./show-part.js";

const classesOf = (count: number) => Array.from({ length: count }, (_, k) => `class ${k}`);

const runs: readonly (readonly [string, MadeRun])[] = [
  ["two classes", { classes: ["crack", "none"], perClass: 10 }],
  ["five classes of few images", { classes: classesOf(5), perClass: 2 }],
  ["200 classes", { classes: classesOf(200), perClass: 5 }],
  ["nothing held out", { classes: classesOf(3), perClass: 5, measured: "none", isOld: true }],
  ["a validation alone", { classes: classesOf(3), perClass: 20, measured: "validation" }],
  ["folds", { classes: classesOf(4), perClass: 10, measured: "folds" }],
  ["a head of layers", { classes: classesOf(3), perClass: 10, trained: "layers" }],
  ["a network that was trained", { classes: classesOf(3), perClass: 10, trained: "network" }],
  ["an earlier version", { classes: classesOf(3), perClass: 10, isOld: true }],
];

const pageOf = async (files: RunFiles) => (await makeReport(files)).get("report.html") as string; // text

/** The tags that stay open, or are closed though they are not: none in a page that is well formed. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, selfClosing] of page.matchAll(
    /<(\/?)([a-zA-Z][\w:-]*)(?:"[^"]*"|'[^']*'|[^'">])*?(\/?)>/g,
  )) {
    if (selfClosing || /^(meta|img|br)$/.test(name!)) continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

/** Where "NaN" may stand. */
const withoutData = (page: string) => page.replaceAll(/data:image\/webp;base64,[\w+/=]+/g, "data:,");

describe("the report", () => {
  it.each(runs)("of %s is whole and stands alone", async (_, made) => {
    const page = withoutData(await pageOf(madeRun(made)));
    expect(page.length).toBeLessThan(2e6);
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(
      /<(script|link|iframe|object|embed)|@import|url\((?!data:)|src="(?!data:)|(href|action)="(?!#)/,
    );
    expect(page.replace(/xmlns(:xlink)?="http[^"]+"/g, "")).not.toMatch(/https?:/);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object|null/);
  });

  it.each(runs)("of %s has no link without a target, no id twice, and headings in order", async (_, made) => {
    const { document } = parseHTML(await pageOf(madeRun(made)));
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const targets = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href")!.slice(1));
    expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
    const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map(({ tagName }) => Number(tagName[1]));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level, i) => i > 0 && level > levels[i - 1]! + 1)).toEqual([]);
    for (const table of document.querySelectorAll("table")) {
      expect(table.querySelector("caption")?.textContent?.trim()).toBeTruthy();
      expect([...table.querySelectorAll("th")].every((cell) => cell.hasAttribute("scope"))).toBe(true);
    }
    for (const picture of document.querySelectorAll("[role=img]")) {
      const told = picture.getAttribute("aria-label") ?? picture.querySelector("title")?.textContent;
      expect(told?.trim() || picture.getAttribute("aria-labelledby")).toBeTruthy();
    }
  });

  it("has the numbers of metrics.json, to the digits shown", async () => {
    const files = madeRun({ classes: classesOf(4), perClass: 25 });
    const metrics = JSON.parse(new TextDecoder().decode(await files.read("metrics.json")));
    const { document } = parseHTML(await pageOf(files));
    const text = (selector: string) => document.querySelector(selector)!.textContent!;
    for (const side of [metrics.test, metrics.validation]) {
      expect(text("#metrics")).toContain(showPart(side.accuracy));
      expect(text("#metrics")).toContain(showInterval(side.intervals.of.accuracy, true));
      for (const name of ["cohenKappa", "rocAuc", "averagePrecision", "logLoss", "brierScore"]) {
        expect(text("#metrics")).toContain(showDecimal(side[name]));
        expect(text("#metrics")).toContain(showInterval(side.intervals.of[name], false));
      }
    }
    expect(text("header")).toContain(showPart(metrics.test.accuracy));
    const cells = [...document.querySelectorAll(".matrix tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent!.replace("·", "0"))),
    );
    expect(cells).toEqual(metrics.test.confusionMatrix);
    const rows = [...document.querySelectorAll("#classes table tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    for (const [k, { name, precision, recall, f1, support }] of metrics.test.perClass.entries()) {
      expect(rows[k]!.slice(0, 4)).toEqual([name, showPart(precision), showPart(recall), showPart(f1)]);
      expect(rows[k]!.at(-1)).toBe(String(support));
    }
    expect(text("#sets")).toContain(showPart(metrics.sets.test.coverage));
    expect(text("#unknown")).toContain(showPart(metrics.unknown.refused));
  });

  it("opens the images behind each cell, all that there are up to twelve", async () => {
    const files = madeRun({ classes: ["a", "b"], perClass: 40 });
    const { document } = parseHTML(await pageOf(files));
    const metrics = JSON.parse(new TextDecoder().decode(await files.read("metrics.json")));
    for (const link of document.querySelectorAll(".matrix a")) {
      const panel = document.querySelector(link.getAttribute("href")!)!;
      const count = Number(link.textContent);
      expect(panel.querySelectorAll(".gallery > li")).toHaveLength(Math.min(12, count));
      if (count > 12) expect(panel.textContent).toContain(`and ${count - 12} more: predictions.csv`);
    }
    const wrong = metrics.test.confusionMatrix[0][1] as number; // as many as are shown, at most
    expect(document.querySelectorAll("#cell-0-1 .gallery > li")).toHaveLength(Math.min(12, wrong));
  });

  it("lists the most frequent confusions of many classes in place of a matrix", async () => {
    const { document } = parseHTML(await pageOf(madeRun({ classes: classesOf(60), perClass: 10 })));
    expect(document.querySelector(".matrix")).toBeNull();
    const counts = [...document.querySelectorAll("#confusions tbody a")].map((link) => Number(link.textContent));
    expect(counts).toHaveLength(40);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  it("escapes what names of classes and files hold", async () => {
    const hostile = `<script>alert(1)</script>"' onload=x \u202egnp.`;
    const files = madeRun({
      classes: [hostile, `</style><img src=x onerror=alert(1)>`, "\n=cmd|' /C calc'!A0"],
      perClass: 8,
      pathOf: (_, side, i) => `${hostile}/${side} ${i}<b>.png`,
      config: { skipped: [{ path: `"><script>`, reason: "<i>" }], copies: 1 },
    });
    const page = await pageOf(files);
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/<(script|b>\.png|i>|img)/);
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(page.match(/<\/style>/g)).toHaveLength(page.match(/<style>/g)!.length);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("leaves out what an earlier version did not measure, and says what it has", async () => {
    const { document } = parseHTML(await pageOf(madeRun({ classes: classesOf(3), perClass: 10, isOld: true })));
    for (const id of ["sets", "unknown", "thresholds", "doubtful"]) expect(document.querySelector(`#${id}`)).toBeNull();
    expect(document.querySelector("#metrics")!.textContent).toContain("ROC AUC");
  });

  it("is the same for the same run", async () => {
    const files = madeRun({ classes: classesOf(3), perClass: 10 });
    expect(await pageOf(files)).toBe(await pageOf(files));
  });

  it("refuses a folder that is no run, and a configuration that train does not write", async () => {
    const none = filesOfMap("/made/none", new Map());
    await expect(makeReport(none)).rejects.toThrow("run /made/none: no config.json in it");
    const broken = madeRun({ classes: classesOf(2), perClass: 2, config: { skipped: 5 } });
    await expect(makeReport(broken)).rejects.toThrow(InputError);
  });

  it("puts a frame in the place of a picture that is gone or lies elsewhere", async () => {
    const files = madeRun({
      ...{ classes: ["a", "b"], perClass: 5, dataset: import.meta.dirname },
      pathOf: (_, side, i) => (i === 0 ? `../../../../etc/${side}.png` : `gone ${side} ${i}.png`),
    });
    const page = await pageOf(files);
    expect(page).toContain("no such file");
    expect(page).toContain("not in the folder of the images");
    expect(page).not.toContain("data:image/webp");
  });
});
