/** The images of which the runs say different things, as pictures. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { named } from "../../report/named.js";
import type { PictureBook } from "../../report/picture-book.js";
import { showPart } from "../../report/show-part.js";
import type { RunComparison } from "../compare-runs.js";
import { type Disagreement, isDivided } from "../disagreements.js";

/** So many are drawn, the others are in the JSON. */
const drawn = 100;

export const drawnImages = ({ disagreements }: RunComparison): readonly Disagreement[] => disagreements.slice(0, drawn);

export function disagreementsSection(comparison: RunComparison, book: PictureBook): Html {
  const { disagreements, images } = comparison;
  const heading = html`<h2>Where they disagree</h2>`;
  if (disagreements.length === 0) {
    return html`<section id="images">${heading}<p>Nowhere: they name the same class for all ${grouped(images.length)} images.</p></section>`;
  }
  const shown = drawnImages(comparison);
  const divided = shown.filter(isDivided);
  const wrong = shown.filter((one) => !isDivided(one));
  const left = disagreements.length - shown.length;
  const all = disagreements.filter(isDivided).length;
  return html`<section id="images">${heading}
<p>On ${grouped(disagreements.length)} of ${grouped(images.length)} images; on ${grouped(all)} some runs are right and others wrong. The surest mistakes first.</p>
${divided.length > 0 ? html`<h3>Some right, others wrong</h3>${pictures(divided, comparison, book)}` : undefined}
${
  wrong.length > 0
    ? html`<details><summary>All wrong, but not alike</summary>${pictures(wrong, comparison, book)}</details>`
    : undefined
}
${left > 0 ? html`<p class="note">and ${grouped(left)} more: grayling compare --json lists all</p>` : undefined}</section>`;
}

const pictures = (images: readonly Disagreement[], comparison: RunComparison, book: PictureBook): Html =>
  html`<ul class="compared">${images.map((image) => item(image, comparison, book))}</ul>`;

/** The class first, then what each run says, the path last. */
function item({ path, label, answers, isRight }: Disagreement, { classes, runs }: RunComparison, book: PictureBook) {
  const said = answers.map(({ predicted, probabilities }, run) => {
    const right = isRight[run];
    const mark = html`<span class="mark" role="img" aria-label="${right ? "right" : "wrong"}">${right ? "✓" : "✗"}</span>`;
    return html`<span class="answer">${mark}${named(runs[run]!.name)}: ${named(classes[predicted]!)}, ${showPart(probabilities[predicted])}</span>`;
  });
  return html`<li><figure><div class="shots">${book.picture(path, `${path}, of the class ${classes[label]!}`)}</div><figcaption>
<b>${named(classes[label]!)}</b>${said}<span class="path"><bdi>${path}</bdi></span></figcaption></figure></li>
`;
}
