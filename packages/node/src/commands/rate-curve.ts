/** The loss over the learning rate, as lines of text and as an SVG picture. */
import type { TriedRate } from "@grayling/core";

const [mostColumns, rows] = [64, 12];

/** Columns beside the plot: the losses, and the word at its end. */
const beside = 13;

/** A plot of dots, `width` columns at most; `|` marks the proposal. */
export function rateLines(tried: readonly TriedRate[], proposed: number | undefined, width = 80): string[] {
  const columns = Math.max(16, Math.min(mostColumns, width - beside));
  if (tried.length === 0) return ["no rate could be tried: the loss is no number from the start"];
  const { x, y, most, least, digits } = scales(tried, columns - 1, rows - 1);
  const plot = Array.from({ length: rows }, () => new Array<string>(columns).fill(" "));
  if (proposed !== undefined) for (const line of plot) line[Math.round(x(proposed))] = "|";
  for (const { rate, smoothed } of tried) plot[Math.round(y(smoothed))]![Math.round(x(rate))] = "•";
  const label = (row: number) =>
    (row === 0 ? most : row === rows - 1 ? least : undefined)?.toFixed(digits).padStart(6) ?? "      ";
  const [first, last] = [tried[0]!.rate, tried.at(-1)!.rate].map((rate) => rate.toExponential(0));
  return [
    "loss",
    ...plot.map((line, row) => `${label(row)} ${line.join("").trimEnd()}`),
    `       ${first}${last!.padStart(columns - first!.length)}  rate`,
  ];
}

function scales(tried: readonly TriedRate[], width: number, height: number) {
  const losses = tried.map(({ smoothed }) => smoothed);
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const [from, to] = [tried[0]!.rate, tried.at(-1)!.rate].map(Math.log) as [number, number];
  const x = (rate: number) =>
    to === from ? 0 : Math.min(1, Math.max(0, (Math.log(rate) - from) / (to - from))) * width;
  const y = (loss: number) => (most === least ? 0 : ((most - loss) / (most - least)) * height);
  const digits = Math.min(4, Math.max(2, 1 - Math.floor(Math.log10(most - least)))); // so that least and most differ
  return { x, y, least, most, digits: most === least ? 2 : digits };
}

const [pageWidth, pageHeight, margin] = [640, 360, 56];

/** With axes, ticks at the powers of ten, and the proposal as a line with its number. */
export function rateCurve(tried: readonly TriedRate[], proposed: number | undefined): string {
  if (tried.length === 0)
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${pageHeight}"/>\n`;
  const { x, y, least, most, digits } = scales(tried, pageWidth - 2 * margin, pageHeight - 2 * margin);
  const at = (rate: number, loss: number) => `${(margin + x(rate)).toFixed(1)},${(margin + y(loss)).toFixed(1)}`;
  const bottom = pageHeight - margin;
  const powers = [-7, -6, -5, -4, -3, -2, -1, 0, 1]
    .map((power) => 10 ** power)
    .filter((rate) => rate >= tried[0]!.rate * 0.99 && rate <= tried.at(-1)!.rate * 1.01);
  const ticks = powers.map((rate) => {
    const left = (margin + x(rate)).toFixed(1);
    return `<line x1="${left}" x2="${left}" y1="${bottom}" y2="${bottom + 5}" stroke="#666"/><text x="${left}" y="${bottom + 20}" text-anchor="middle">${rate.toExponential(0)}</text>`;
  });
  const losses = [least, (least + most) / 2, most].map((loss) => {
    const top = (margin + y(loss)).toFixed(1);
    return `<line x1="${margin - 5}" x2="${pageWidth - margin}" y1="${top}" y2="${top}" stroke="#ddd"/><text x="${margin - 9}" y="${top}" text-anchor="end" dominant-baseline="middle">${loss.toFixed(digits)}</text>`;
  });
  const mark = proposed === undefined ? "" : markOf(proposed, margin + x(proposed), bottom);
  const line = tried.map(({ rate, smoothed }) => at(rate, smoothed)).join(" ");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${pageHeight}" viewBox="0 0 ${pageWidth} ${pageHeight}" role="img" aria-label="loss over learning rate" font-family="system-ui, sans-serif" font-size="12" fill="#333"><rect width="100%" height="100%" fill="#fff"/>${losses.join("")}<line x1="${margin}" x2="${pageWidth - margin}" y1="${bottom}" y2="${bottom}" stroke="#666"/>${ticks.join("")}<text x="${pageWidth / 2}" y="${pageHeight - 12}" text-anchor="middle">learning rate</text><text x="${margin}" y="${margin - 20}">smoothed loss</text><polyline points="${line}" fill="none" stroke="#1d4ed8" stroke-width="2"/>${mark}</svg>\n`;
}

/** A dashed line at the proposal, and its number above the plot, where no line of the grid is. */
function markOf(proposed: number, left: number, bottom: number): string {
  const at = left.toFixed(1);
  const anchor = left < 2 * margin ? "start" : left > pageWidth - 2 * margin ? "end" : "middle";
  return `<line x1="${at}" x2="${at}" y1="${margin}" y2="${bottom}" stroke="#c2410c" stroke-dasharray="4 3"/><text x="${at}" y="${margin - 6}" text-anchor="${anchor}" fill="#c2410c">proposed: ${Number(proposed.toPrecision(2))}</text>`;
}
