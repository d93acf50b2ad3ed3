/** What is taken for what: a table whose cells open the images behind them. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { counted } from "../../terminal/counted.js";
import { mostClassesInMatrix, shownOfCell } from "../choose-images.js";
import type { ConfusionCell } from "../confusion-cells.js";
import { dataTable } from "../data-table.js";
import { gallery } from "../gallery.js";
import { confidenceOf } from "../measured-side.js";
import { named, shortName } from "../named.js";
import type { ReportContent } from "../report-content.js";
import { showPart } from "../show-part.js";

export function confusionSection(content: ReportContent): Html | undefined {
  const { main, chosen, run } = content;
  if (!main) return undefined;
  const { classes } = run.config;
  const { images, pairs } = chosen.confused;
  const words =
    images === 0
      ? `None of the ${grouped(main.images.length)} ${main.what} images is confused.`
      : `${counted(images, "image")} of ${grouped(main.images.length)} ${images === 1 ? "is" : "are"} taken for another class, in ${counted(pairs, "pair")} of classes.`;
  const drawn = classes.length <= mostClassesInMatrix ? matrix(content) : list(content);
  return html`<section id="confusions"><h2>What is taken for what</h2>
<p>${words}${chosen.cells.length > 0 ? " Each number opens the images behind it; where both agree it is framed." : ""}</p>${drawn}
${chosen.cells.map((cell) => panel(cell, content))}</section>`;
}

const idOf = ({ truth, predicted }: Pick<ConfusionCell, "truth" | "predicted">): string => `cell-${truth}-${predicted}`;

/** Rows are true classes, columns predicted ones; columns have numbers, for names would not fit. */
function matrix({ main, chosen, run }: ReportContent): Html {
  const { classes } = run.config;
  const cells = new Map(chosen.cells.map((cell) => [idOf(cell), cell]));
  const support = main!.metrics.perClass.map((one) => one.support); // called with a side
  const row = (
    name: string,
    truth: number,
  ) => html`<tr><th scope="row"><span>${truth + 1}</span> ${named(name)}</th>${classes.map((_, predicted) =>
    matrixCell(cells.get(idOf({ truth, predicted })), { truth, predicted, of: support[truth]!, classes }),
  )}</tr>
`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="matrix${
    classes.length > 12 ? " dense" : ""
  }"><caption><span>Rows: what it is. Columns: what it is called.</span></caption>
<thead><tr><td></td>${classes.map(
    (name, k) => html`<th scope="col"><abbr title="${name}" aria-label="called ${name}">${k + 1}</abbr></th>`,
  )}</tr></thead><tbody>${classes.map(row)}</tbody></table></div>`;
}

interface Place {
  readonly truth: number;
  readonly predicted: number;
  /** Images of the true class. */
  readonly of: number;
  readonly classes: readonly string[];
}

function matrixCell(cell: ConfusionCell | undefined, { truth, predicted, of, classes }: Place): Html {
  const kind = truth === predicted ? "right" : "wrong";
  if (!cell) return html`<td class="${kind} none"><span aria-label="none">·</span></td>`;
  const count = cell.images.length;
  // Five steps that are to be told apart; the number stands in each.
  const step = Math.ceil((4 * count) / of);
  return html`<td class="${kind} s${step}"><a href="#${idOf(cell)}" aria-label="${counted(count, "image")} of ${shortName(
    classes[truth]!,
  )} called ${shortName(classes[predicted]!)}">${grouped(count)}</a></td>`;
}

/** For more classes than a matrix has room for. */
function list({ main, chosen, run }: ReportContent): Html | undefined {
  if (chosen.cells.length === 0) return undefined;
  const { classes } = run.config;
  const support = main!.metrics.perClass.map((one) => one.support); // called with a side
  const left = chosen.confused.pairs - chosen.cells.length;
  const table = dataTable({
    caption: `The ${chosen.cells.length} most frequent of ${grouped(chosen.confused.pairs)} confusions`,
    label: "Confusions",
    kind: "words",
    head: ["it is", "it is called", "images", "of its class"],
    rows: chosen.cells.map((cell) => [
      named(classes[cell.truth]!),
      named(classes[cell.predicted]!),
      html`<a href="#${idOf(cell)}">${grouped(cell.images.length)}</a> of ${grouped(support[cell.truth]!)}`,
      showPart(cell.images.length / support[cell.truth]!),
    ]),
  });
  return html`${table}${left > 0 ? html`<p class="note">All of them: confusionMatrix in metrics.json.</p>` : undefined}`;
}

/** Shown where it is the target of the address: without a script, and the back button closes it. */
function panel(cell: ConfusionCell, { run, book }: ReportContent): Html {
  const [truth, called] = [cell.truth, cell.predicted].map((k) => run.config.classes[k]!) as [string, string]; // as many
  const isRight = cell.truth === cell.predicted;
  const left = cell.images.length - shownOfCell;
  const exhibits = cell.images.slice(0, shownOfCell).map((image) => {
    const sure = showPart(confidenceOf(image));
    const alt = isRight
      ? `${shortName(truth)}, called so with ${sure}`
      : `${shortName(truth)}, called ${shortName(called)} with ${sure}`;
    return { pictures: book.picture(image.path, alt), path: image.path, lines: [sure] };
  });
  const title = isRight ? html`${named(truth)}, and called so` : html`${named(truth)}, called ${named(called)}`;
  return html`<div class="panel" id="${idOf(cell)}" tabindex="-1"><h3>${title}: ${counted(cell.images.length, "image")}</h3>
${gallery(exhibits)}${left > 0 ? html`<p class="note">and ${grouped(left)} more: predictions.csv</p>` : undefined}
<p><a href="#confusions">Close</a></p></div>
`;
}
