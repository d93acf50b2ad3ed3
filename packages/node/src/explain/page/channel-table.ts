/** The constants of each channel, and which gray level becomes zero. */

import { type Html, html } from "../../page/html.js";
import { channelNames } from "./channel-names.js";
import type { StemPicture } from "./collect-picture.js";
import { showNumber } from "./show-number.js";

export function channelTable({ layers, scale, offset }: StemPicture): Html {
  const normalization = layers.map(({ does }) => does).find((does) => does.kind === "normalization");
  const rescalings = layers.map(({ does }) => does).filter((does) => does.kind === "rescaling");
  const last = rescalings.find((does) => does.scale.length === 3);
  const rows = channelNames.map((name, c) => {
    const mean = normalization && html`<td>${showNumber(normalization.mean[c]!)}</td>`;
    const std =
      normalization &&
      html`<td>${showNumber(last ? normalization.variance[c]! : Math.sqrt(normalization.variance[c]!))}</td>`;
    const root = last && html`<td>${showNumber(last.scale[c]!)}</td>`;
    return html`<tr><th scope="row" class="${name}">${name}</th>${mean}${std}${root}<td>${scale[c]!.toFixed(5)}</td>
<td>${showNumber(offset[c]!)}</td><td><strong>${showNumber(-offset[c]! / scale[c]!)}</strong></td></tr>`;
  });
  const heads = [
    ...(normalization ? ["mean", "std"] : []),
    ...(last ? ["1/√std"] : []),
    "a: scale",
    "b: offset",
    "gray that becomes 0",
  ];
  const why = last
    ? html`<p>B0–B7 store the standard deviation where Normalization expects the variance, and it divides by the root
of what it finds. The last rescaling divides by the same root once more.</p>`
    : undefined;
  return html`<div class="beside"><div>
<p>Together, these layers are one straight line per channel: <em>a · gray + b</em>.</p>${why}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Constants of the channels"><table><thead><tr>
<th scope="col">channel</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div></div>`;
}
