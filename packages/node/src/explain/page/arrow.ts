/** Arrows between one or three planes and the next one or three, drawn for a wide page and for a narrow one. */
import { type Html, html } from "../../page/html.js";

/** Height of a column of planes on a wide page, px; the style sheet's `--stack`. */
const stack = 456;
const gap = 28; // px, between columns
const across = 300; // units, over the width of a narrow page
const drop = 44; // units, between rows

/** From `sources` planes to `targets` planes, 1 or 3 each; `isStopped` ends in a cross. */
export function arrow(sources: number, targets: number, isStopped = false): Html {
  const lines = Array.from({ length: Math.max(sources, targets) }, (_, i) => ({
    from: place(i, sources),
    to: place(i, targets),
  }));
  const wide = lines.map(({ from, to }) => line([2, from * stack], [gap - 3, to * stack], isStopped));
  const tall = lines.map(({ from, to }) => line([from * across, 3], [to * across, drop - 3], isStopped));
  return html`<span class="arrow${isStopped ? " stopped" : ""}" aria-hidden="true">
<svg class="wide" viewBox="0 0 ${gap} ${stack}">${wide}</svg>
<svg class="tall" viewBox="0 0 ${across} ${drop}">${tall}</svg></span>`;
}

/** The middle of plane i, as a part of the column. */
const place = (i: number, planes: number) => (planes === 1 ? 0.5 : (2 * i + 1) / (2 * planes));

type Point = readonly [number, number];

function line([x1, y1]: Point, [x2, y2]: Point, isStopped: boolean): Html {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const head = isStopped ? "M-10 -6 L2 6 M-10 6 L2 -6" : "M-7 -4.5 L0 0 L-7 4.5";
  const end = `translate(${x2.toFixed(1)} ${y2.toFixed(1)}) rotate(${angle.toFixed(1)})`;
  return html`<path d="M${x1.toFixed(1)} ${y1.toFixed(1)} L${x2.toFixed(1)} ${y2.toFixed(1)}"/>
<path d="${head}" transform="${end}"/>`;
}
