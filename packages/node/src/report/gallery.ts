/** Pictures side by side, each with what is to be known of it. */
import { type Html, type HtmlPart, html } from "../page/html.js";

export interface Exhibit {
  readonly pictures: HtmlPart;
  /** Of the file; shown small. */
  readonly path: string;
  readonly lines: readonly HtmlPart[];
}

/** `kind` "pairs": two pictures each. Nothing of nothing. */
export const gallery = (exhibits: readonly Exhibit[], kind: "single" | "pairs" = "single"): Html | undefined =>
  exhibits.length === 0 ? undefined : html`<ul class="gallery ${kind}">${exhibits.map(exhibitItem)}</ul>`;

/** The path last: what tells pictures apart comes first. */
function exhibitItem({ pictures, path, lines }: Exhibit): Html {
  return html`<li><figure><div class="shots">${pictures}</div><figcaption>${lines.map((line) => html`<span>${line}</span>`)}
<span class="path"><bdi>${path}</bdi></span></figcaption></figure></li>
`;
}
