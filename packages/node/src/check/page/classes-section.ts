/** The classes in the page: how many pictures, how bright, and a few of them. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { groupBy } from "../group-by.js";
import { type Inspection, type ReadablePicture, readable } from "../inspected-file.js";
import { histogramFigure } from "./histogram-figure.js";
import { pictureImage } from "./picture-figure.js";

/** More are counted: a page of ten thousand would open nowhere. */
const shownClasses = 60;
const samples = 8;
const sampleSide = 48; // px

export function classesSection(inspection: Inspection): Html | undefined {
  const { classes } = inspection;
  const files = groupBy(readable(inspection), ({ label }) => label);
  if (classes.length === 0) return undefined;
  const own = classes.slice(0, shownClasses).map((name, label) => ({ name, files: files.get(label) ?? [] }));
  const most = own.reduce((max, { files }) => Math.max(max, files.length), 1);
  const left = classes.length - own.length;
  return html`<section><h2>${classes.length === 1 ? "The class" : `The ${grouped(classes.length)} classes`}</h2>
<table class="classes"><thead><tr><th scope="col">class</th><th scope="col" class="count">pictures</th>
<th scope="col" class="bars"></th><th scope="col">all gray levels, black to white</th><th scope="col">some of them</th></tr></thead>
<tbody>${own.map((one) => row(one, most))}</tbody></table>
${left > 0 ? html`<p class="more">and ${grouped(left)} more classes</p>` : undefined}</section>`;
}

interface Class {
  readonly name: string;
  readonly files: readonly ReadablePicture[];
}

function row({ name, files }: Class, most: number): Html {
  const chosen = Array.from(
    { length: Math.min(samples, files.length) },
    (_, i) => files[Math.floor((i * files.length) / Math.min(samples, files.length))]!,
  );
  const width = ((100 * files.length) / most).toFixed(1);
  return html`<tr><th scope="row">${name}</th><td class="count">${grouped(files.length)}</td>
<td class="bars"><span class="bar" style="width:${width}%" aria-hidden="true"></span></td>
<td>${files.length > 0 ? histogramFigure(meanHistogram(files), `Mean histogram of ${name}`, 160) : undefined}</td>
<td class="samples-cell"><div class="samples">${chosen.map(({ picture, relative }) => pictureImage(picture, relative, sampleSide))}</div></td></tr>
`;
}

function meanHistogram(files: readonly ReadablePicture[]): Float64Array {
  const sums = new Float64Array(64);
  for (const { picture } of files) for (const [i, part] of picture.histogram.entries()) sums[i]! += part / files.length;
  return sums;
}
