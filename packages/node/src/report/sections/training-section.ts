/** How the training went. */
import { type Html, html } from "../../page/html.js";
import { chartFigure } from "../chart-figure.js";
import type { ReportContent } from "../report-content.js";
import { showDecimal } from "../show-part.js";

export function trainingSection(content: ReportContent): Html {
  return html`<section id="training"><h2>The training</h2><p>${inWords(content)}</p>
${chartFigure(content, "training-curves")}
<p class="note">The numbers: results.csv.</p></section>`;
}

function inWords({ run }: ReportContent): string {
  const { columns, rows } = run.history;
  const { options, trained } = run.config;
  const lossAt = columns.indexOf("loss");
  const last = showDecimal(rows.at(-1)?.[lossAt], 4);
  if (rows.length === 0) return "The run keeps no course of its training.";
  if (columns[0] === "evaluation") {
    return `The linear head is solved to its optimum: after ${rows.length} evaluations the loss, its penalty included, is ${last} nats.`;
  }
  if (!options.network) return `The head trained for ${rows.length} epochs; the loss ended at ${last} nats.`;
  const kept =
    trained === "the head alone" ? "; what it came to was no better than the head alone and is not kept" : "";
  return `Layers from ${options.network.unfreeze} up trained for ${rows.length} epochs, from the optimum of the head on${kept}.`;
}
