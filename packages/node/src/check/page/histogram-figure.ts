/** A histogram as a small drawing. */
import { type Html, html } from "../../page/html.js";

const height = 40; // px

/** Square roots of the parts, so that the one bin of a white page leaves the others to be seen. */
export function histogramFigure(parts: ArrayLike<number>, label: string, width: number): Html {
  const roots = Array.from(parts, Math.sqrt);
  const most = Math.max(...roots) || 1;
  const step = 100 / roots.length;
  const bars = roots.map((root, i) => {
    const tall = (100 * root) / most;
    return tall < 0.5 ? "" : `M${(i * step).toFixed(2)} 100v${(-tall).toFixed(1)}h${step.toFixed(2)}V100z`;
  });
  return html`<svg class="histogram" role="img" aria-label="${label}" width="${width}" height="${height}"
viewBox="0 0 100 100" preserveAspectRatio="none"><path d="${bars.join("")}"/></svg>`;
}
