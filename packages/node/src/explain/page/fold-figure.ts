/** One filter folded by hand: its three windows, the factors, and the sums, all in numbers. */

import { type Html, html } from "../../page/html.js";
import { channelNames } from "./channel-names.js";
import type { StemPicture } from "./collect-picture.js";
import { numberedTile } from "./kernel-tile.js";
import { showNumber } from "./show-number.js";
import { windowOf } from "./stem-windows.js";

export function foldFigure(picture: StemPicture): Html {
  const { kernel, folded, scale, offset, activations } = picture;
  const { filter } = activations[0]!;
  const windows = channelNames.map((_, c) => windowOf(kernel, filter, c));
  const needsOnes = folded.shape[1] === 2;
  const gray = sumRow("for the gray plane", windows, scale, windowOf(folded, filter, 0), 5);
  const ones = needsOnes ? sumRow("for the plane of ones", windows, offset, windowOf(folded, filter, 1), 3) : undefined;
  return html`<div class="sums">${gray}${ones}</div>
<p class="note">Filter ${filter}, ${needsOnes ? "a and b" : "a"} as in the table above. Sums are taken in double
precision and rounded once.</p>`;
}

function sumRow(
  what: string,
  windows: readonly Float32Array[],
  factors: readonly number[],
  sum: Float32Array,
  decimals: number,
): Html {
  const limit = largest(windows.flatMap((window) => [...window]));
  const terms = windows.map((window, c) => {
    const name = channelNames[c]!;
    const factor = decimals === 5 ? factors[c]!.toFixed(5) : showNumber(factors[c]!);
    const label = `Window for ${name}: ${[...window].map(showNumber).join(", ")}`;
    return html`${c > 0 ? html`<span class="operator">+</span>` : undefined}
<figure>${numberedTile(window, { kind: "signed", limit }, label, { columns: 3, decimals: 2 })}
<figcaption><b class="${name}">${name}</b> × ${factor}</figcaption></figure>`;
  });
  const label = `Folded ${what}: ${[...sum].map(showNumber).join(", ")}`;
  const drawing = numberedTile(sum, { kind: "signed", limit: largest(sum) }, label, {
    columns: 3,
    decimals: decimals === 5 ? 4 : 2,
  });
  return html`<div class="sum">${terms}<span class="operator">=</span><figure class="result">${drawing}
<figcaption><b>${what}</b></figcaption></figure></div>`;
}

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
