/** The report as one page: no scripts, and nothing from elsewhere. */
import { type Html, html } from "../page/html.js";
import type { ReportContent } from "./report-content.js";
import { reportStyle } from "./report-style.js";
import { certaintySections } from "./sections/certainty-section.js";
import { classesSection } from "./sections/classes-section.js";
import { confusionSection } from "./sections/confusion-section.js";
import { dataSection } from "./sections/data-section.js";
import { graySection } from "./sections/gray-section.js";
import { metricsSection } from "./sections/metrics-section.js";
import { optionsSection } from "./sections/options-section.js";
import { copiesSection, correctSection, doubtfulSection, mistakesSection } from "./sections/pictures-section.js";
import { summarySection } from "./sections/summary-section.js";
import { trainingSection } from "./sections/training-section.js";
import { useSection } from "./sections/use-section.js";

/** Nothing is loaded, whatever a name may hold; styles are ours, and so are pictures, which stand in them. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function reportPage(content: ReportContent): string {
  const sections = [
    metricsSection(content),
    confusionSection(content),
    mistakesSection(content),
    classesSection(content),
    ...certaintySections(content),
    correctSection(content),
    doubtfulSection(content),
    copiesSection(content),
    dataSection(content),
    trainingSection(content),
    graySection(content),
    optionsSection(content),
    useSection(content),
  ].filter((section) => section !== undefined);
  const title = `${content.run.name} · grayling report`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="generator" content="grayling"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${{ markup: reportStyle() }}${{ markup: content.book.style }}</style></head>
<body><a class="skip" href="#content">Skip to the content</a><div class="ramp" aria-hidden="true"></div><main id="content" tabindex="-1">
${summarySection(content, contents(sections))}
${sections}
</main></body></html>
`.markup;
}

/** Links to the sections, by their headings. */
function contents(sections: readonly Html[]): Html {
  const headings = sections.flatMap(({ markup }) => [...markup.matchAll(/<section id="([a-z]+)"><h2>(.*?)<\/h2>/g)]);
  return html`<nav aria-label="Sections"><ul>${headings.map(
    ([, id, heading]) => html`<li><a href="#${id}">${{ markup: heading! }}</a></li>`, // a match has both
  )}</ul></nav>`;
}
