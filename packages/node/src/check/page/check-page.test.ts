import { describe, expect, it } from "vitest";
import { type MadeFile, madeInspection } from "../../testing/made-inspection.js";
import type { CheckReport } from "../check-folder.js";
import { findAll } from "../findings.js";
import { checkPage } from "./check-page.js";

const report = (files: readonly MadeFile[]): CheckReport => {
  const inspection = madeInspection(files);
  return { inspection, findings: findAll(inspection) };
};

/** The tags that stay open, or are closed though they are not: none in a page that is well formed. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, selfClosing] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (selfClosing || /^(meta|img)$/.test(name!)) continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

const copies = (count: number): MadeFile[] =>
  Array.from({ length: count }, (_, i) => ({ relative: `${i % 2 ? "a" : "b"}/${i}.png`, hash: `${i % (count / 2)}` }));

describe("the page of a check", () => {
  it.each<[string, readonly MadeFile[]]>([
    ["one picture", [{ relative: "a/1.png" }]],
    ["nothing readable", [{ relative: "a/1.png", reason: "empty file (0 bytes)" }]],
    ["no classes", [{ relative: "1.png" }, { relative: "2.png" }]],
    ["600 copies", copies(600)],
    ["500 classes", Array.from({ length: 500 }, (_, i) => ({ relative: `class ${i}/1.png` }))],
    [
      "a picture of 1 × 5,000 px",
      [{ relative: "a/1.png", picture: { width: 1, height: 5000 } }, { relative: "b/2.png" }],
    ],
  ])("of %s is whole, small and stands alone", (_, files) => {
    const whole = checkPage(report(files));
    expect(whole.length).toBeLessThan(2e6);
    const page = whole.replaceAll(/data:image\/png;base64,[\w+/=]+/g, "data:,"); // where "NaN" may stand
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/<(script|link|iframe)|@import|url\(|(src|href)="(?!data:)/);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    for (const [image] of page.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="[^"]+"/);
  });

  it("sets flags as code, with the pattern behind them, so that no line ends inside", () => {
    const files = Array.from({ length: 20 }, (_, i) => ({ relative: `${i % 2 ? "a" : "b"}/p_${i >> 2}_${i}.png` }));
    expect(checkPage(report(files))).toMatch(/<code>--group &#39;[^ <]+&#39;<\/code> keeps/);
  });

  it("escapes the names of files and classes", () => {
    const page = checkPage(
      report([
        { relative: `<i>/"><img src=x onerror=alert(1)>.png`, hash: "x" },
        { relative: "b/2.png", hash: "x" },
      ]),
    );
    expect(page).not.toContain("<img src=x");
    expect(page).not.toContain("<i>");
    expect(page).toContain("&lt;i&gt;");
  });
});
