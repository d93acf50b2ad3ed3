/** The page of `grayling compare --html`: the verdict, the numbers, what differs, and the images behind it. */
import { type Html, html } from "../../page/html.js";
import { named } from "../../report/named.js";
import { pictureBook } from "../../report/picture-book.js";
import { readThumbnails, type ThumbnailOptions } from "../../report/read-thumbnails.js";
import { listed } from "../../report/show-part.js";
import type { FinishedRun } from "../../run/finished-run.js";
import type { RunComparison } from "../compare-runs.js";
import { cautionsOf, showOutcome } from "../show-verdict.js";
import { compareStyle } from "./compare-style.js";
import { disagreementsSection, drawnImages } from "./disagreements-section.js";
import { metricsSection } from "./metrics-section.js";
import { pairsSection } from "./pairs-section.js";
import { settingsSection } from "./settings-section.js";

export interface ComparePageOptions extends Pick<ThumbnailOptions, "maxPixels" | "signal" | "onProgress"> {
  /** Where the images are now: a folder or a CSV file; default: where the first run found them. */
  readonly images?: string | undefined;
}

/** Nothing is loaded, whatever a name may hold. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** One file without scripts and without anything from elsewhere. Pictures are shown as the first run reads them. */
export async function comparePage(
  comparison: RunComparison,
  runs: readonly FinishedRun[],
  { images, ...options }: ComparePageOptions = {},
): Promise<string> {
  const { config } = runs[0]!;
  const recorded = config["dataset"];
  const dataset = images ?? (typeof recorded === "string" ? recorded : undefined);
  const paths = drawnImages(comparison).map(({ path }) => path);
  const book = pictureBook(await readThumbnails(paths, { ...options, dataset, config }), new Map());
  const names = comparison.runs.map(({ name }) => name);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="generator" content="grayling"><meta name="referrer" content="no-referrer">
<title>${listed(names)} · grayling compare</title><style>${{ markup: compareStyle() }}${{ markup: book.style }}</style></head>
<body><a class="skip" href="#content">Skip to the content</a><div class="ramp" aria-hidden="true"></div><main id="content" tabindex="-1">
<header><p class="eyebrow">grayling compare</p><h1>${title(names)}</h1>
<p class="lede">${showOutcome(comparison)}</p>${remarks(comparison)}</header>
${metricsSection(comparison)}
${pairsSection(comparison)}
${settingsSection(comparison)}
${disagreementsSection(comparison, book)}
</main></body></html>
`.markup;
}

/** So many names fit a heading. */
const mostNames = 3;

function title(names: readonly string[]): Html {
  if (names.length > mostNames) return html`${names.length} runs`;
  return html`${names.map((name, i) => html`${i === 0 ? "" : i === names.length - 1 ? " and " : ", "}${named(name)}`)}`;
}

function remarks(comparison: RunComparison): Html | undefined {
  const cautions = cautionsOf(comparison);
  if (cautions.length === 0) return undefined;
  return html`<ul class="remarks">${cautions.map((text) => html`<li>${text.charAt(0).toUpperCase()}${text.slice(1)}.</li>`)}</ul>`;
}
