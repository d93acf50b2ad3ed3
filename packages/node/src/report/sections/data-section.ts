/** What the run was trained and measured on, and what was left out. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { counted } from "../../terminal/counted.js";
import { chartRow } from "../chart-figure.js";
import { dataTable } from "../data-table.js";
import { named } from "../named.js";
import type { ReportContent } from "../report-content.js";
import type { SplitCounts } from "../split-counts.js";

/** More rows and files are in `split.csv` and `config.json`. */
const mostClasses = 500;
const mostSkipped = 100;

const sideNames: Readonly<Record<string, string>> = { train: "train", val: "validation", test: "test" };

export function dataSection(content: ReportContent): Html {
  const { counts, run } = content;
  return html`<section id="data"><h2>The images</h2>
${sentences(content).map((text) => html`<p>${text}</p>`)}
${chartRow(content, ["split", "class-counts"])}
${counts && countsTable(counts, run.config.classes)}
${skippedFiles(content)}</section>`;
}

function sentences({ facts, run }: ReportContent): string[] {
  const { groups, copies, ignored, images } = facts;
  const { options, samples, window } = run.config;
  const { height, width, fit } = options;
  const excluded = options.exclude;
  return [
    images &&
      `${grouped(images.train)} images trained, ${grouped(images.val)} validated and ${grouped(images.test)} were kept for the test.`,
    groups
      ? `What belongs together is on one side (${groups.by}): ${grouped(groups.train)} groups train, ${grouped(groups.val)} validate, ${grouped(groups.test)} test.`
      : "No groups were given: each image stands for itself, but for copies.",
    copies > 0 &&
      `${counted(copies, "image")} ${copies === 1 ? "is a copy of another" : "are copies of others"}, byte by byte; copies are on one side.`,
    typeof excluded === "string" && `What ${excluded} lists was left out.`,
    ignored > 0 && `${counted(ignored, "file")} in the folder ${ignored === 1 ? "is no picture" : "are no pictures"}.`,
    `Files${samples ? ` (${samples.join(", ")})` : ""} became gray levels by the window “${window}” and ${height} × ${width} px by “${fit}”.`,
  ].filter((text) => typeof text === "string");
}

function countsTable({ sides, counts }: SplitCounts, classes: readonly string[]): Html {
  const left = classes.length - mostClasses;
  const sums = sides.map((_, i) => counts.reduce((sum, own) => sum + own[i]!, 0));
  const row = (own: readonly number[]) => [...own.map(grouped), grouped(own.reduce((a, b) => a + b, 0))];
  const table = dataTable({
    caption: "Images of each class on each side",
    label: "Images by class",
    kind: "numbers",
    head: ["class", ...sides.map((side) => sideNames[side] ?? side), "all"],
    rows: [...counts.slice(0, mostClasses).map((own, k) => [named(classes[k]!), ...row(own)]), ["all", ...row(sums)]],
  });
  return html`<details${classes.length > 12 ? undefined : html` open`}><summary>Images by class</summary>${table}${
    left > 0 ? html`<p class="note">and ${grouped(left)} more classes: split.csv</p>` : undefined
  }</details>`;
}

function skippedFiles({ facts: { skipped } }: ReportContent): Html | undefined {
  if (skipped.length === 0) return undefined;
  const left = skipped.length - mostSkipped;
  const items = skipped.slice(0, mostSkipped).map(
    ({ path, reason }) => html`<li>${named(path)}: ${reason}</li>
`,
  );
  return html`<details><summary>${counted(skipped.length, "file")} that could not be used</summary><ul class="files">${items}</ul>${
    left > 0 ? html`<p class="note">and ${grouped(left)} more: config.json</p>` : undefined
  }</details>`;
}
