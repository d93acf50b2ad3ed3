/** How each class does, and how well its probability tells it from the others. */
import { grouped, rankAreas } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { chartRow } from "../chart-figure.js";
import { dataTable } from "../data-table.js";
import { named } from "../named.js";
import type { ReportContent } from "../report-content.js";
import { showDecimal, showPart, unknownNumber } from "../show-part.js";

/** More rows are in `metrics.json`. */
const mostClasses = 1000;

export function classesSection(content: ReportContent): Html | undefined {
  const { main, run } = content;
  if (!main) return undefined;
  const left = run.config.classes.length - mostClasses;
  return html`<section id="classes"><h2>Class by class</h2>
${chartRow(content, ["per-class"])}
${classTable(content)}
${left > 0 ? html`<p class="note">and ${grouped(left)} more: metrics.json</p>` : undefined}
</section>
<section id="ranking"><h2>Every threshold at once</h2>
<p>How well the probability of a class tells its images from all others, wherever one draws the line: the area under the ROC curve is the chance
that an image of the class gets a higher probability than one of another.</p>
${chartRow(content, ["roc-curves", "precision-recall-curves"])}</section>`;
}

function classTable({ main }: ReportContent): Html {
  const { metrics, judged } = main!; // called with a side
  const once = new Float64Array(judged.labels.length).fill(1);
  return dataTable({
    caption: `Of the ${main!.what} images, one class against the rest`,
    label: "Classes",
    kind: "numbers",
    head: ["class", "precision", "recall", "F1", "ROC AUC", "average precision", "images"],
    rows: metrics.perClass.slice(0, mostClasses).map(({ name, precision, recall, f1, support }, k) => {
      const { rocAuc, averagePrecision } = rankAreas(judged.ranked[k]!, once);
      const parts = support > 0 ? [precision, recall, f1].map(showPart) : [unknownNumber, unknownNumber, unknownNumber];
      return [named(name), ...parts, showDecimal(rocAuc), showDecimal(averagePrecision), grouped(support)];
    }),
  });
}
