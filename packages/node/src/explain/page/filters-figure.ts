/** All filters of the stem, each in colour and folded, side by side. */

import { type Html, html } from "../../page/html.js";
import type { StemPicture } from "./collect-picture.js";
import { colorTile, valueTile } from "./kernel-tile.js";
import { showNumber } from "./show-number.js";
import { windowOf } from "./stem-windows.js";

export function filtersFigure({ kernel, folded }: StemPicture): Html {
  const [filters, , side] = kernel.shape as readonly [number, number, number];
  const planes = folded.shape[1]!;
  const limits = Array.from({ length: planes }, (_, plane) => largestOfPlane(folded, plane));
  const cards = Array.from({ length: filters }, (_, filter) => {
    const windows = [0, 1, 2].map((c) => windowOf(kernel, filter, c));
    const own = Math.max(...windows.flatMap((window) => [...window].map(Math.abs)));
    const gray = Array.from({ length: planes }, (_, plane) => {
      const values = windowOf(folded, filter, plane);
      const label = `Filter ${filter} folded, ${plane === 0 ? "gray" : "ones"}: ${showNumber(Math.min(...values))} to
${showNumber(Math.max(...values))}`;
      return valueTile(values, side, { kind: "signed", limit: limits[plane]! }, label);
    });
    return html`<li><span class="tiles">${colorTile(
      windows,
      side,
      own,
      `Filter ${filter} in colour: largest weight
${showNumber(own)}`,
    )}<span class="to" aria-hidden="true">→</span>${gray}</span><span class="index">${filter}</span>
</li>`;
  });
  const ones = planes === 2 ? ` and ±${showNumber(limits[1]!)} for the plane of ones` : "";
  return html`<ol class="filters planes-${planes}">${cards}</ol>
<p class="note">Left: 3 × 3 × 3 weights as colour, mid-gray is zero, each filter on a scale of its own. Right: the
same filter folded, for gray${planes === 2 ? ", then for ones" : ""}; blue is negative, brown positive, the ends
±${showNumber(limits[0]!)} for gray${ones}.</p>`;
}

function largestOfPlane(folded: StemPicture["folded"], plane: number): number {
  const filters = Array.from({ length: folded.shape[0]! }, (_, filter) => windowOf(folded, filter, plane));
  return Math.max(...filters.flatMap((window) => [...window].map(Math.abs)));
}
