/** Images to look at: mistakes, what is right, and labels that may be wrong. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { counted } from "../../terminal/counted.js";
import { mostSearched } from "../find-near-copies.js";
import { gallery } from "../gallery.js";
import { confidenceOf } from "../measured-side.js";
import { named, shortName } from "../named.js";
import { quotePath } from "../quote-word.js";
import type { ReportContent } from "../report-content.js";
import { showDecimal, showPart } from "../show-part.js";

export function mistakesSection({ main, chosen, run, book, heatMaps }: ReportContent): Html | undefined {
  if (!main || chosen.mistakes.length === 0) return undefined;
  const { classes } = run.config;
  const left = chosen.confused.images - chosen.mistakes.length;
  const exhibits = chosen.mistakes.map((image) => {
    const [truth, called] = [classes[image.label]!, classes[image.predicted]!];
    const [sure, ofTruth] = [showPart(confidenceOf(image)), showPart(image.probabilities[image.label])];
    const heat = heatMaps.get(image.path);
    const seen = heat && `what speaks for ${shortName(heat.label)}, at most ${showDecimal(heat.limit, 2)} per cell`;
    const alt = `${shortName(truth)}, called ${shortName(called)} with ${sure}`;
    return {
      pictures: [book.picture(image.path, alt), seen === undefined ? undefined : book.heatMap(image.path, seen)],
      path: image.path,
      lines: [html`<b>${named(called)} ${sure}</b>`, html`is ${named(truth)}, given ${ofTruth}`],
    };
  });
  const legend = heatMaps.size > 0 ? heatLegend(main.what === "cross-validated") : undefined;
  return html`<section id="mistakes"><h2>The most confident mistakes</h2>
<p>A mistake made with confidence is either a wrong label, an image that shows two things, or something to learn from.</p>${legend}${gallery(exhibits, "pairs")}
${left > 0 ? html`<p class="note">and ${grouped(left)} more: predictions.csv</p>` : undefined}</section>`;
}

/** Heads of folds are not kept: what is drawn is seen by the one that is, and is of the class that it calls. */
const heatLegend = (isOfFolds: boolean): Html => html`<div class="legend"><div class="bar" aria-hidden="true"></div>
<p class="note">Beside each picture, in colours, ${
  isOfFolds
    ? "what speaks for the class that the model calls now that it has learnt from these images too, which may be the right one"
    : "what spoke for the class it was called"
} (Grad-CAM): from nothing to the most of that picture.</p></div>`;

export function correctSection({ chosen, run, main, book }: ReportContent): Html | undefined {
  const { classes } = run.config;
  const shown = chosen.correct.filter((images) => images.length > 0).length;
  if (!main || shown === 0) return undefined;
  const left = classes.length - chosen.correct.length;
  const rows = chosen.correct.map((images, k) => {
    const name = classes[k]!;
    const pictures = images.map((image) => {
      const sure = showPart(confidenceOf(image));
      return html`<li><figure>${book.picture(image.path, `${shortName(name)}, called so with ${sure}: ${image.path}`)}<figcaption>${sure}</figcaption></figure></li>`;
    });
    const all = main.metrics.confusionMatrix[k]![k]!;
    const found = `${grouped(all)} of ${grouped(main.metrics.perClass[k]!.support)} right`;
    return html`<div class="examples"><h3>${named(name)}<small>${found}</small></h3>${
      pictures.length === 0 ? html`<p class="note">none is right</p>` : html`<ul class="strip">${pictures}</ul>`
    }</div>
`;
  });
  return html`<section id="correct"><h2>What is right</h2><p>Of each class, from the surest to the least sure.</p><div class="columns" style="--column:${columnWidth(chosen.correct)}px">${rows}</div>
${left > 0 ? html`<p class="note">and ${grouped(left)} more classes</p>` : undefined}</section>`;
}

/** So many examples side by side, as the style has them: 86 px each, and what is between. */
const columnWidth = (correct: ReportContent["chosen"]["correct"]): number =>
  96 * correct.reduce((most, { length }) => Math.max(most, length), 3);

export function doubtfulSection({ chosen, run, book }: ReportContent): Html | undefined {
  const all = run.doubtful?.length ?? 0;
  if (!run.doubtful) return undefined;
  if (all === 0) {
    return html`<section id="doubtful"><h2>Labels that may be wrong</h2><p>None: wherever another class was surer, it was not sure enough.</p></section>`;
  }
  const left = all - chosen.doubtful.length;
  const exhibits = chosen.doubtful.map(({ path, label, suggested, ofLabel, ofSuggested, neighbour }) => ({
    pictures: [
      book.picture(path, `labelled ${shortName(label)}, more like ${shortName(suggested)}`),
      neighbour &&
        book.picture(neighbour.path, `the image most like it: ${neighbour.path}, ${shortName(neighbour.label)}`),
    ],
    path,
    lines: [
      html`<b>${named(suggested)} ${showPart(ofSuggested)}?</b>`,
      html`labelled ${named(label)}, ${showPart(ofLabel)}`,
      neighbour && html`beside it the most alike: ${named(neighbour.label)}`,
    ],
  }));
  return html`<section id="doubtful"><h2>Labels that may be wrong</h2>
<p>Classifiers that had not seen these ${counted(all, "image")} are surer of another class than they usually are. A weak classifier doubts many labels that are right:
only eyes can tell. The image on the right is the one that is most alike to the network.</p>${gallery(exhibits, "pairs")}
${left > 0 ? html`<p class="note">and ${grouped(left)} more: doubtful-labels.csv</p>` : undefined}</section>`;
}

/** Nothing where they were not searched for. */
export function copiesSection({ nearCopies, counts, chosen, run, book, facts }: ReportContent): Html | undefined {
  if (!counts) return undefined;
  if (!nearCopies) {
    const { length } = counts.images;
    if (length <= mostSearched) return undefined; // the images are gone, or there is one side
    return html`<section id="copies"><h2>Nearly the same on two sides</h2>
<p>Not searched for among ${grouped(length)} images; <code>grayling check ${quotePath(facts.dataset ?? run.name)}</code> does.</p></section>`;
  }
  const { classes } = run.config;
  const exhibits = chosen.nearCopies.map(({ images: [a, b], likeness }) => ({
    pictures: [a, b].map(({ path, label, side }) =>
      book.picture(path, `${shortName(classes[label]!)}, ${side}: ${path}`),
    ),
    path: `${a.path}, ${b.path}`,
    lines: [
      html`<b>correlation ${showDecimal(likeness)}</b>`,
      html`${named(classes[a.label]!)} in ${a.side}, ${named(classes[b.label]!)} in ${b.side}`,
    ],
  }));
  const left = nearCopies.length - exhibits.length;
  const words =
    nearCopies.length === 0
      ? "None: no two of the pictures look alike but those on one side."
      : "Scaled, recompressed or brightened copies, or frames of one scene: what was measured on one was seen in training as the other.";
  return html`<section id="copies"><h2>Nearly the same on two sides</h2><p>${words}</p>${gallery(exhibits, "pairs")}
${left > 0 ? html`<p class="note">and ${grouped(left)} more pairs</p>` : undefined}</section>`;
}
