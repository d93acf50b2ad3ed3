/** How this model came to read one gray channel. */
import { type Html, html } from "../../page/html.js";
import { quoteWord } from "../quote-word.js";
import type { ReportContent } from "../report-content.js";

export function graySection({ stem, run }: ReportContent): Html | undefined {
  if (stem === undefined) return undefined;
  const { model } = run.config.options;
  const story = stem.isFolded
    ? `The network was built for three channels. A gray image given to it three times meets three kernels, each after its own shift and scale; one kernel,
summed with these, computes the same from one channel, at the border too, up to float32 rounding. Nothing of what was learnt from colour is lost.`
    : "The network was declared for one channel, and reads gray images as it is.";
  return html`<section id="gray"><h2>${stem.isFolded ? "From three channels to one" : "One channel"}</h2><p>${story}</p>
<p class="mono">${stem.line}</p>
<p><code>grayling explain ${quoteWord(model)}</code> shows in numbers what a gray image meets there.</p></section>`;
}
