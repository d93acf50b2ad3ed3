/** The page of `grayling check --html`: what matters first, with pictures, then the folder as it is. */
import { basename } from "node:path";
import { type Html, html } from "../../page/html.js";
import type { CheckReport } from "../check-folder.js";
import { countFindings } from "../count-findings.js";
import type { Severity } from "../finding.js";
import { overview } from "../overview.js";
import { checkStyle } from "./check-style.js";
import { classesSection } from "./classes-section.js";
import { findingSection } from "./finding-section.js";

/** One file without scripts and without anything from elsewhere. */
export function checkPage(report: CheckReport): string {
  const { inspection, findings } = report;
  const title = basename(inspection.root) || inspection.root;
  const worst: Severity = findings[0]?.severity ?? "note";
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="generator" content="grayling">
<title>${title} · grayling check</title><style>${{ markup: checkStyle }}</style></head>
<body><div class="ramp" aria-hidden="true"></div><main>
<header><p class="eyebrow">grayling check</p><h1>${title}</h1>
<p class="lede ${worst}">${countFindings(findings)}</p>${facts(report)}</header>
${findings.map(findingSection)}
${classesSection(inspection)}
</main></body></html>
`.markup;
}

function facts({ inspection }: CheckReport): Html {
  const rows = [["folder", inspection.root], ...overview(inspection)];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
