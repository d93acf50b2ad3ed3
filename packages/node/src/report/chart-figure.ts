/** A chart in the page. */
import { type Html, html } from "../page/html.js";
import type { Chart } from "./charts/chart.js";
import { named } from "./named.js";
import type { ReportContent } from "./report-content.js";

/** Nothing where there is no such chart. */
export function chartFigure({ charts }: Pick<ReportContent, "charts">, name: string): Html | undefined {
  const chart = charts.get(name);
  return chart && html`<figure class="chart">${drawing(chart)}<figcaption>${isolated(chart.alt)}</figcaption></figure>`;
}

/** Charts are drawn by ours, which escape what they are given. */
const drawing = ({ svg }: Chart): Html => ({ markup: svg });

/** Names are set off by characters that isolate their direction; in a page an element does that. */
const isolated = (text: string): readonly (Html | string)[] =>
  text.split(/\u2068(.*?)\u2069/).map((part, i) => (i % 2 === 1 ? named(part) : part));

/** Charts that belong together, side by side where there is room. */
export function chartRow(content: Pick<ReportContent, "charts">, names: readonly string[]): Html | undefined {
  const figures = names.flatMap((name) => chartFigure(content, name) ?? []);
  return figures.length === 0 ? undefined : html`<div class="charts">${figures}</div>`;
}
