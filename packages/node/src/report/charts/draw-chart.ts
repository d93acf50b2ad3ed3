/** From plots to a chart: title and legend above, plots below each other, colours for light and dark. */
import type { PlotOptions } from "@observablehq/plot";
import type { Chart } from "./chart.js";
import { chartColors, chartStyle } from "./chart-colors.js";
import { type LegendItem, legend } from "./legend.js";
import { type ChartElement, element, type Plotting, svgNamespace } from "./load-plot.js";

/** px. Text is large for it, so that it can be read at three quarters of it on a phone. */
export const chartWidth = 480;
export const chartFont = 15; // px

const titleHeight = 30; // px
const left = 8; // px, of title and legend
const emptyHeight = 120; // px

export interface Drawing extends Pick<Chart, "name" | "title" | "alt"> {
  /** px; default 480. */
  readonly width?: number | undefined;
  readonly legend?: readonly LegendItem[] | undefined;
  /** From the top; none where there is nothing to draw: then the alternative text stands in their place. */
  readonly plots: readonly PlotOptions[];
}

export function drawChart(plotting: Plotting, drawing: Drawing): Chart {
  const { name, title, alt, width = chartWidth, plots } = drawing;
  const heading = { x: left, y: 20, "font-size": 16, "font-weight": 600 };
  const parts = [element(plotting, "text", heading, title)];
  let y = titleHeight;
  if (drawing.legend) {
    const { drawn, height } = legend(plotting, drawing.legend, width - 2 * left);
    drawn.setAttribute("transform", `translate(${left},${y})`);
    parts.push(drawn);
    y += height + 6;
  }
  for (const options of plots) {
    const plot = plotOf(plotting, { ...options, width });
    plot.part.setAttribute("transform", `translate(0,${y})`);
    parts.push(plot.part);
    y += plot.height;
  }
  if (plots.length === 0) {
    parts.push(nothing(plotting, alt, width, y));
    y += emptyHeight;
  }
  return { name, title, alt, svg: frame(plotting, { name, title, alt, width, height: Math.ceil(y), parts }) };
}

/** The marks of one plot, without its style sheet. */
function plotOf(plotting: Plotting, options: PlotOptions): { readonly part: ChartElement; readonly height: number } {
  const { Plot, document } = plotting;
  const style = { fontSize: `${chartFont}px`, fontFamily: "inherit" };
  // Without a browser's types Plot's own are unknown: its elements are those of the document that it is given.
  const made: unknown = Plot.plot({ ...options, style, document: document as never });
  const plot = made as ChartElement;
  const marks = Array.from(plot.childNodes).filter((child) => !/^<style/.test(child.outerHTML ?? ""));
  const part = element(plotting, "g", { "font-size": chartFont, "text-anchor": "middle" }, marks);
  for (const mark of part.querySelectorAll("[aria-label]")) {
    mark.setAttribute("data-part", mark.getAttribute("aria-label") ?? "");
    mark.removeAttribute("aria-label"); // the drawing is one picture, with one alternative text
  }
  for (const mark of part.querySelectorAll("[aria-hidden]")) mark.removeAttribute("aria-hidden");
  for (const mark of part.querySelectorAll("rect, circle, line, text, path")) shortenNumbers(mark);
  return { part, height: Number(plot.getAttribute("height")) };
}

const places = ["x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "r", "transform"];

/** A hundredth of a pixel is enough, and half as long. */
function shortenNumbers(mark: ChartElement): void {
  for (const name of places) {
    const value = mark.getAttribute(name);
    if (value?.includes(".") && !value.endsWith("em")) {
      mark.setAttribute(
        name,
        value.replace(/-?\d+\.\d+/g, (number) => `${Number(Number(number).toFixed(2))}`),
      );
    }
  }
}

/** A frame with a sentence, broken into lines. */
function nothing(plotting: Plotting, sentence: string, width: number, y: number): ChartElement {
  const lines = sentence.match(/.{1,48}(?:\s|$)/g) ?? [sentence];
  const box = { x: left, y, width: width - 2 * left, height: emptyHeight - 12, fill: "none", stroke: chartColors.rule };
  const text = { "font-size": chartFont, fill: chartColors.muted, "text-anchor": "middle", "data-part": "note" };
  const middle = y + (emptyHeight - 12) / 2 - (lines.length - 1) * 10;
  return element(plotting, "g", {}, [
    element(plotting, "rect", box),
    ...lines.map((line, i) =>
      element(plotting, "text", { ...text, x: width / 2, y: middle + 20 * i, dy: "0.35em" }, line),
    ),
  ]);
}

interface Frame extends Pick<Chart, "name" | "title" | "alt"> {
  readonly width: number; // px
  readonly height: number; // px
  readonly parts: readonly ChartElement[];
}

function frame(plotting: Plotting, { name, title, alt, width, height, parts }: Frame): string {
  const ground = element(plotting, "rect", { width, height, fill: chartColors.paper });
  const content = element(plotting, "g", { fill: chartColors.ink }, parts);
  for (const mark of content.querySelectorAll('[fill="currentColor"]')) mark.setAttribute("fill", chartColors.ink);
  for (const mark of content.querySelectorAll('[stroke="currentColor"]')) mark.setAttribute("stroke", chartColors.ink);
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const ids = { title: `${name}-title`, desc: `${name}-desc` };
  const told = { role: "img", "aria-labelledby": `${ids.title} ${ids.desc}` };
  const root = element(plotting, "svg", { class: "chart-drawing", ...size, ...told, "font-family": "sans-serif" }, [
    element(plotting, "title", { id: ids.title }, title),
    element(plotting, "desc", { id: ids.desc }, alt),
    element(plotting, "style", {}, chartStyle(`${ground.outerHTML}${content.outerHTML}`)),
    ground,
    content,
  ]);
  if (root.getAttribute("xmlns") === null) root.setAttribute("xmlns", svgNamespace);
  return root.outerHTML;
}
