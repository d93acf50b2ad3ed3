/** What the stem makes of the image: the network for three channels, the folded one, and their difference. */

import { type Html, html } from "../../page/html.js";
import { largestOf, rangeOf } from "../../page/plane.js";
import type { Activation, StemPicture } from "./collect-picture.js";
import { legend, planeFigure } from "./plane-figure.js";
import { showNumber, showRange } from "./show-number.js";

export function activationsFigure({ activations }: StemPicture): Html {
  const limit = largestOf(activations.map(({ difference }) => difference)) || Number.MIN_VALUE;
  const rows = activations.map((activation) => activationRow(activation, limit));
  return html`<div class="activations">${rows}</div>`;
}

function activationRow({ filter, three, folded, difference }: Activation, differenceLimit: number): Html {
  const scale = { kind: "signed", limit: largestOf([three]) } as const;
  const small = { kind: "signed", limit: differenceLimit } as const;
  const most = showNumber(largestOf([difference]));
  return html`<figure class="activation"><h3>filter ${filter}</h3><div class="trio">
<div>${planeFigure(three, scale, `Filter ${filter}, three channels: ${showRange(rangeOf(three))}`)}<p>3 channels</p>
</div>
<div>${planeFigure(folded, scale, `Filter ${filter}, folded: ${showRange(rangeOf(folded))}`)}<p>folded</p></div>
<div>${planeFigure(difference, small, `Filter ${filter}, folded minus three channels: largest difference ${most}`)}
<p>difference</p></div></div>
<figcaption>${legend(scale, "both activations")}${legend(small, `difference; largest here ${most}`)}</figcaption>
</figure>`;
}
