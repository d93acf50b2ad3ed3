/** A table that a screen reader can walk through, and that scrolls by itself where the page is narrow. */
import { type Html, type HtmlPart, html } from "../page/html.js";

export interface TableOptions {
  /** Tells what the table is; shown above it. */
  readonly caption: HtmlPart;
  /** Tells the region that scrolls. */
  readonly label: string;
  readonly head: readonly HtmlPart[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly HtmlPart[])[];
  /** "numbers": all cells but the first are aligned right. */
  readonly kind: "numbers" | "words";
}

export function dataTable({ caption, label, head, rows, kind }: TableOptions): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="${kind}">
<caption><span>${caption}</span></caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>
${rows.map(
  ([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}
