/** What colours, dashes and marks stand for: in columns above a drawing, so that nothing overlaps. */
import { type ChartColor, chartColors } from "./chart-colors.js";
import { widthOf } from "./chart-label.js";
import { type ChartElement, element, type Plotting } from "./load-plot.js";

export interface LegendItem {
  readonly label: string;
  readonly color: ChartColor;
  readonly mark: "line" | "dashes" | "thick" | "area" | "dot" | "ring" | "tick";
}

export const dashes = "7 4"; // px

const fontSize = 14; // px
const lineHeight = 22; // px
const swatch = 26; // px
const gap = 8; // px, of swatch and label
const between = 14; // px, of columns

/** The legend, its upper left corner at 0, 0, and its height. */
export function legend(
  plotting: Plotting,
  items: readonly LegendItem[],
  width: number,
): { readonly drawn: ChartElement; readonly height: number } {
  const widest = Math.max(0, ...items.map(({ label }) => swatch + gap + widthOf(label, fontSize)));
  const fitting = Math.max(1, Math.floor((width + between) / (widest + between)));
  // three or fewer that do not fit beside each other are easier to read below each other
  const rows = items.length > fitting && items.length <= 3 ? items.length : Math.ceil(items.length / fitting);
  const columns = Math.ceil(items.length / Math.max(1, rows));
  const drawn = items.flatMap((item, i) => {
    // read downwards, as the order of the items is meant
    const [column, row] = columns === items.length ? [i, 0] : [Math.floor(i / rows), i % rows];
    const [x, y] = [column * (widest + between), row * lineHeight + lineHeight / 2];
    const text = { x: x + swatch + gap, y, dy: "0.35em", "font-size": fontSize };
    return [mark(plotting, item, x, y), element(plotting, "text", text, item.label)];
  });
  return { drawn: element(plotting, "g", { "data-part": "legend" }, drawn), height: rows * lineHeight };
}

function mark(plotting: Plotting, item: LegendItem, x: number, y: number): ChartElement {
  const color = chartColors[item.color];
  const middle = x + swatch / 2;
  switch (item.mark) {
    case "area":
      return element(plotting, "rect", { x: x + 6, y: y - 7, width: swatch - 12, height: 14, fill: color });
    case "dot":
      return element(plotting, "circle", { cx: middle, cy: y, r: 5, fill: color });
    case "ring":
      return element(plotting, "circle", { cx: middle, cy: y, r: 4.5, fill: "none", stroke: color, "stroke-width": 2 });
    case "tick":
      return element(plotting, "path", { d: `M${middle},${y - 8}v16`, fill: "none", stroke: color, "stroke-width": 3 });
    default: {
      const thickness = item.mark === "thick" ? 4 : 2.5;
      const dashing = item.mark === "dashes" ? dashes : undefined;
      const stroke = { fill: "none", stroke: color, "stroke-width": thickness, "stroke-dasharray": dashing };
      return element(plotting, "path", { d: `M${x},${y}h${swatch}`, ...stroke });
    }
  }
}
