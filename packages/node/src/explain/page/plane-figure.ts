/** One plane as a picture in the page, and the legend of its colours. */
import { type Html, html } from "../../page/html.js";
import type { Plane } from "../../page/plane.js";
import { planeImage, type Scale } from "../../page/plane-image.js";
import { showNumber } from "./show-number.js";

/** A place to mark, as parts of width and height, 0–1. */
export interface Mark {
  readonly x: number;
  readonly y: number;
}

/** `alt` says in words and numbers what is to be seen. */
export function planeFigure(plane: Plane, scale: Scale, alt: string, mark?: Mark): Html {
  const { width, height } = plane;
  const ring =
    mark && html`<span class="ring" style="left:${percent(mark.x)};top:${percent(mark.y)}" aria-hidden="true"></span>`;
  return html`<span class="plane" style="--ratio:${(width / height).toFixed(4)}">
<img src="${planeImage(plane, scale)}" width="${width}" height="${height}" alt="${alt}">${ring}</span>`;
}

const percent = (part: number) => `${(100 * part).toFixed(2)}%`;

/** The bar that tells which colour is which number. */
export function legend(scale: Scale, what: string): Html {
  const [kind, ends] =
    scale.kind === "gray"
      ? ["gray", [scale.black, (scale.black + scale.white) / 2, scale.white]]
      : ["signed", [-scale.limit, 0, scale.limit]];
  return html`<p class="legend"><span class="bar ${kind}" aria-hidden="true"></span>
<span class="ends">${ends.map((end) => html`<span>${showNumber(end)}</span>`)}</span>
<span class="what">${what}</span></p>`;
}
