/** How far the folded network is from the one for three channels, in numbers. */
import type { Difference } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { type FoldProof, relative, roundingLimit } from "../fold-proof.js";
import type { StemPicture } from "./collect-picture.js";
import { showNumber } from "./show-number.js";

export function proofSection(proof: FoldProof | undefined, picture: StemPicture | undefined): Html | undefined {
  if (!proof && !picture) return undefined;
  const errors = picture?.errors;
  const rows = [
    errors && proofRow(`${picture.stem}, all filters`, errors.folded),
    proof && proofRow("stem, after BatchNormalization", proof.stem),
    proof && proofRow("pooled features", proof.features),
  ];
  const verdict =
    proof && (proof.isEqual ? "Equal up to float32 rounding." : "NOT equal: more than rounding explains.");
  const shortcuts = errors && html`<p>${shortcutsInWords(errors, picture.stem)}</p>`;
  return html`<section><h2>The proof</h2>
<p>The folded network on the gray plane, against the network on the plane three times. ${verdict}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Differences"><table class="proof"><thead><tr>
<th scope="col">output</th><th scope="col">largest value</th><th scope="col">largest difference</th>
<th scope="col">relative</th></tr></thead><tbody>${rows}</tbody></table></div>${shortcuts}</section>`;
}

const proofRow = (what: string, one: Difference): Html =>
  html`<tr><th scope="row">${what}</th><td>${showNumber(one.scale)}</td>
<td><strong>${showNumber(one.difference)}</strong></td><td>${showNumber(relative(one))}</td></tr>`;

function shortcutsInWords({ averaged, bias }: StemPicture["errors"], stem: string): string {
  const isExact = relative(averaged) <= roundingLimit;
  const sums = isExact
    ? "Summing the kernels is exact here too, since all channels are prepared alike"
    : `Shortcuts are not exact. At ${stem}, summing the kernels and averaging means and deviations is off by
${showNumber(averaged.difference)}`;
  return `${sums}; one bias per filter for the offsets would be off by ${showNumber(bias)} along the border.`;
}
