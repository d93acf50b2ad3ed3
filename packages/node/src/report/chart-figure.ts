/** A chart in the page. */
import { type Html, html } from "../page/html.js";
import type { Chart } from "./charts/chart.js";
import type { ReportContent } from "./report-content.js";

/** Nothing where there is no such chart. */
export function chartFigure({ charts }: Pick<ReportContent, "charts">, name: string): Html | undefined {
  const chart = charts.get(name);
  return chart && html`<figure class="chart">${drawing(chart)}<figcaption>${chart.alt}</figcaption></figure>`;
}

/** Charts are drawn by ours, which escape what they are given. */
const drawing = ({ svg }: Chart): Html => ({ markup: svg });

/** Charts that belong together, side by side where there is room. */
export function chartRow(content: Pick<ReportContent, "charts">, names: readonly string[]): Html | undefined {
  const figures = names.flatMap((name) => chartFigure(content, name) ?? []);
  return figures.length === 0 ? undefined : html`<div class="charts">${figures}</div>`;
}
