/** A window of weights as a drawing: one colour per tap, with the numbers in it where there is room. */
import { hexColor, inkOn, type Rgb } from "../../page/color-map.js";
import { type Html, html } from "../../page/html.js";
import { colorOf, type Scale } from "../../page/plane-image.js";
import { showFixed } from "./show-number.js";

/** Taps of one plane by value, row by row. */
export const valueTile = (values: ArrayLike<number>, columns: number, scale: Scale, label: string): Html =>
  tile(
    Array.from(values, (value) => colorOf(value, scale)),
    columns,
    label,
  );

/** Taps of three planes together: zero is mid-gray, ±`limit` the ends of each of red, green and blue. */
export function colorTile(windows: readonly ArrayLike<number>[], columns: number, limit: number, label: string): Html {
  const level = (value: number) => Math.round(255 * Math.min(1, Math.max(0, 0.5 + value / (2 * limit || 1))));
  const [red, green, blue] = windows as readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
  const colors = Array.from(red, (value, i): Rgb => [level(value), level(green[i]!), level(blue[i]!)]);
  return tile(colors, columns, label);
}

export interface NumberedOptions {
  readonly columns: number;
  readonly decimals: number;
  /** Cells that are not the image's but its zero border. */
  readonly isBorder?: (i: number) => boolean;
}

/** With the numbers written in. */
export function numberedTile(values: ArrayLike<number>, scale: Scale, label: string, options: NumberedOptions): Html {
  const { columns, decimals, isBorder = () => false } = options;
  const cells = Array.from(values, (value, i) => {
    const color = colorOf(value, scale);
    const [x, y] = [(i % columns) * 44, Math.floor(i / columns) * 44];
    const size = decimals > 2 ? 9.5 : 12;
    const shown = isBorder(i) ? "0" : showFixed(value, decimals);
    const text = html`<text x="${x + 22}" y="${y + 26}" style="font-size:${size}px" fill="${inkOn(color)}">${shown}</text>`;
    const frame = isBorder(i)
      ? html`<rect class="border" x="${x + 2}" y="${y + 2}" width="40" height="40"/>`
      : undefined;
    return html`<rect x="${x}" y="${y}" width="44" height="44" fill="${hexColor(color)}"/>${frame}${text}`;
  });
  const rows = Math.ceil(values.length / columns);
  return html`<svg class="numbered" role="img" aria-label="${label}" viewBox="0 0 ${columns * 44} ${rows * 44}">${cells}</svg>`;
}

function tile(colors: readonly Rgb[], columns: number, label: string): Html {
  const cells = colors.map(
    (color, i) =>
      html`<rect x="${i % columns}" y="${Math.floor(i / columns)}" width="1.02" height="1.02" fill="${hexColor(color)}"/>`,
  );
  return html`<svg class="tile" role="img" aria-label="${label}" viewBox="0 0 ${columns} ${columns}">${cells}</svg>`;
}
