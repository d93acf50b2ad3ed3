/** The page of `grayling explain --html`: the answer, its picture in real numbers, trace, proof and what to do. */

import { type Html, html } from "../../page/html.js";
import {
  type Advice,
  advice,
  broadcastingInWords,
  displayName,
  inputCheckInWords,
  kerasInWords,
  shortAnswer,
  wideningOf,
} from "../answer.js";
import type { Explanation } from "../explain.js";
import { activationsFigure } from "./activations-figure.js";
import { borderFigure } from "./border-figure.js";
import { channelTable } from "./channel-table.js";
import type { StemPicture } from "./collect-picture.js";
import { filtersFigure } from "./filters-figure.js";
import { foldFigure } from "./fold-figure.js";
import { journeyFigure } from "./journey-figure.js";
import { pageStyle } from "./page-style.js";
import { proofSection } from "./proof-section.js";
import { showNumber } from "./show-number.js";
import { traceSection } from "./trace-section.js";

/**
 * One file without scripts and without anything from elsewhere. `picture` is drawn for one gray plane into a network
 * declared for three channels; without it the page holds words and tables.
 */
export function explainPage(explanation: Explanation, picture?: StemPicture): string {
  const { model, trace } = explanation;
  const name = displayName(model);
  const title = `${name} and a ${trace.channels === 1 ? "gray" : `${trace.channels}-channel`} image`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="generator" content="grayling">
<title>${title} · grayling</title><style>${{ markup: pageStyle() }}</style></head>
<body><div class="ramp" aria-hidden="true"></div><main>
<header><p class="eyebrow">grayling explain</p><h1>${title}</h1>
<p class="lede${trace.failure ? " refused" : ""}">${shortAnswer(explanation)}</p>${facts(explanation)}</header>
${picture && pictureSections(picture, name)}
${words(explanation)}
<section><h2>All layers</h2>${traceSection(trace)}</section>
${proofSection(explanation.proof, picture)}
<section><h2>What to do</h2>
<ul class="advice">${advice(explanation).map(adviceItem)}</ul></section>
</main></body></html>
`.markup;
}

const adviceItem = ({ text, command }: Advice): Html =>
  html`<li>${text}${command === undefined ? undefined : html`<pre tabindex="0"><code>${command}</code></pre>`}</li>`;

function facts({ weights, image, notes, trace }: Explanation): Html {
  const { height, width, channels, declaredChannels } = trace;
  const rows = [
    ["image", image],
    ["given", `${height} × ${width} × ${channels}`],
    ["declared for", `${height} × ${width} × ${declaredChannels}`],
    ["weights", weights],
  ];
  return html`<dl class="facts">${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd>
</div>`,
  )}</dl>${notes.map((note) => html`<p class="note">${note}.</p>`)}`;
}

function pictureSections(picture: StemPicture, name: string): Html {
  const { refusal, stem, folded, layers, kernel } = picture;
  const widening = layers.find(({ planes }) => planes.length === 3);
  const journey = widening
    ? `Every picture here is drawn from the numbers that ${name} computes from your image alone, one gray plane. At
${widening.name} it becomes three.`
    : `Every picture here is drawn from the numbers that ${name} computes from your image alone. Nothing makes three
planes of the one before ${stem}, so it stops there.`;
  const remedy = refusal
    ? "Given the plane three times, the network works. Folding computes the same from the plane itself."
    : "The three planes are one plane, three times scaled and shifted. So three windows that read them can become one.";
  return html`<section><h2>${widening ? "From one plane to three" : "One plane, and three are needed"}</h2>
<p>${journey}</p>${journeyFigure(picture)}</section>
<section><h2>${widening ? "Three means, three lines" : "One line for all channels"}</h2>${channelTable(picture)}</section>
<section><h2>Zero is not a gray level of its own</h2>${borderFigure(picture)}</section>
<section><h2>Folding one filter, by hand</h2>
<p>${remedy} Each window is multiplied by its channel’s factor, and they are added
up.</p>${foldFigure(picture)}</section>
<section><h2>All ${kernel.shape[0]!} filters, before and after</h2>${filtersFigure(picture)}</section>
<section><h2>The same activations</h2>
<p>${stem} of the network for three channels, on the plane three times, and of the folded one, on
${folded.shape[1] === 2 ? "the plane and its ones" : "the plane"}. Over all filters the largest difference is
rounding, ${showNumber(picture.errors.folded.difference)}.</p>${activationsFigure(picture)}</section>`;
}

function words(explanation: Explanation): Html {
  const { trace } = explanation;
  const widening = wideningOf(trace);
  const { failure } = trace;
  const paragraphs = [
    widening && broadcastingInWords(widening),
    inputCheckInWords(trace),
    failure && `Keras says: ${failure.kerasMessage}`,
    kerasInWords(explanation),
  ].filter((text) => text !== undefined);
  return html`<section class="words">
<h2>${failure ? "Why it fails" : "Why it works"}</h2>${paragraphs.map((text) => html`<p>${text}</p>`)}</section>`;
}
