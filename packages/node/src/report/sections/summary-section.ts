/** The report's beginning: what it is, how good, and what to be careful about. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { counted } from "../../terminal/counted.js";
import type { Caution } from "../caution.js";
import { cautions } from "../cautions.js";
import { networkName } from "../network-name.js";
import type { ReportContent } from "../report-content.js";
import { countedClasses, showDecimal, showInterval, showPart } from "../show-part.js";

/** `contents` links to what comes after. */
export function summarySection(content: ReportContent, contents: Html): Html {
  return html`<header><p class="eyebrow">grayling report</p><h1><bdi>${content.run.name}</bdi></h1>
<p class="lede">${inWords(content)}</p>${headline(content)}${contents}</header>
${carefully(cautions(content))}`;
}

/** What it is, what it was trained on, and how often it is right. */
function inWords({ run, facts, main }: ReportContent): string {
  const { classes, options } = run.config;
  const trained = facts.images?.train;
  const how = options.network
    ? run.config.trained === "the head alone"
      ? "with frozen layers and a head of its own"
      : `with its layers trained from ${options.network.unfreeze} up`
    : `with frozen layers and ${options.head === "linear" ? "a linear head" : `the head ${options.head}`}`;
  const on = trained ? `, trained on ${counted(trained, "gray image")}` : "";
  const what = `A classifier of ${countedClasses(classes.length)}: ${networkName(options.model)} ${how}${on}.`;
  if (!main) return `${what} No image was held out, so how often it is right is not known.`;
  const { accuracy } = main.scalars;
  const interval = showInterval(main.intervals?.of.accuracy, true);
  const sure = interval ? ` (${interval} with 95 % confidence)` : "";
  return `${what} Of ${counted(main.images.length, `${main.what} image`)} it names the right class for ${showPart(accuracy)}${sure}.`;
}

function headline({ main, facts, run }: ReportContent): Html | undefined {
  if (!main) return undefined;
  const { accuracy, balancedAccuracy, rocAuc, expectedCalibrationError } = main.scalars;
  const of = main.intervals?.of;
  const wrong = Math.round((1 - accuracy) * main.images.length);
  const tiles: readonly (readonly [string, string, string | undefined])[] = [
    ["accuracy", showPart(accuracy), showInterval(of?.accuracy, true)],
    ["balanced accuracy", showPart(balancedAccuracy), showInterval(of?.balancedAccuracy, true)],
    ["ROC AUC, mean of the classes", showDecimal(rocAuc), showInterval(of?.rocAuc, false)],
    ["probabilities are off by", showPart(expectedCalibrationError), showInterval(of?.expectedCalibrationError, true)],
  ];
  const measured = `${grouped(wrong)} of ${grouped(main.images.length)} ${main.what} images ${wrong === 1 ? "is" : "are"} named wrongly.`;
  const source = facts.dataset === undefined ? run.source : facts.dataset;
  return html`<dl class="tiles">${tiles.map(
    ([name, value, interval]) =>
      html`<div><dt>${name}</dt><dd><b>${value}</b>${interval && html`<span>95 %: ${interval}</span>`}</dd></div>`,
  )}</dl><p class="note">${measured} Images: <bdi>${source}</bdi></p>`;
}

/** Options of the command line as code, which no line breaks. */
const withFlags = (text: string): readonly (Html | string)[] =>
  text
    .split(/(--[a-z]+(?:-[a-z]+)*(?: (?:[0-9.]+|balanced|all)\b)?|grayling [a-z]+(?:-[a-z]+)*)/)
    .map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));

function carefully(found: readonly Caution[]): Html | undefined {
  if (found.length === 0) return undefined;
  return html`<section id="careful"><h2>What to be careful about</h2><ul class="cautions">${found.map(
    ({ title, text, section }) =>
      html`<li><h3>${title}</h3><p>${withFlags(text)}${section && html` <a href="#${section}">See there</a>`}</p></li>
`,
  )}</ul></section>`;
}
