/** A chart's markup, read again for tests. */
import { DOMParser } from "linkedom";
import type { ChartElement } from "../report/charts/load-plot.js";

export interface ParsedChart {
  readonly elements: (selector: string) => ChartElement[];
  /** Texts within the elements that the selector finds; default: all. */
  readonly texts: (selector?: string) => string[];
  /** Texts of a part: "legend", "y-axis tick label", … */
  readonly textsOf: (part: string) => string[];
}

export function parseChart({ svg }: { readonly svg: string }): ParsedChart {
  const parsed: unknown = new DOMParser().parseFromString(svg, "image/svg+xml");
  const document = parsed as Pick<ChartElement, "querySelectorAll">; // linkedom's own types need a browser's
  const elements = (selector: string) => [...document.querySelectorAll(selector)];
  const texts = (selector = "svg") => elements(`${selector} text`).map(({ textContent }) => textContent ?? "");
  return { elements, texts, textsOf: (part) => texts(`[data-part="${part}"]`) };
}
