/** What draws charts: Observable Plot, on a document that is no browser's. */
import type * as Plot from "@observablehq/plot";

/** What is used of an element: names and text are escaped by the document when it is written out. */
export interface ChartElement {
  readonly childNodes: ArrayLike<ChartElement>;
  readonly outerHTML: string;
  textContent: string | null;
  readonly setAttribute: (name: string, value: string) => void;
  readonly getAttribute: (name: string) => string | null;
  readonly removeAttribute: (name: string) => void;
  readonly appendChild: (child: ChartElement) => unknown;
  readonly remove: () => void;
  readonly querySelectorAll: (selector: string) => Iterable<ChartElement>;
}

export interface ChartDocument {
  readonly createElementNS: (namespace: string, name: string) => ChartElement;
}

export interface Plotting {
  readonly Plot: typeof Plot;
  /** An XML document, so that what it writes is well-formed. */
  readonly document: ChartDocument;
}

export const svgNamespace = "http://www.w3.org/2000/svg";

/** Takes most of a second, so it is loaded where something is drawn, and once. */
export async function loadPlot(): Promise<Plotting> {
  const [library, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const parsed: unknown = new DOMParser().parseFromString(`<svg xmlns="${svgNamespace}"/>`, "image/svg+xml");
  return { Plot: library, document: parsed as ChartDocument }; // linkedom's own types need a browser's
}

/** An element of SVG. Undefined attributes are left out. */
export function element(
  { document }: Plotting,
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: string | readonly ChartElement[] = [],
): ChartElement {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, `${value}`);
  if (typeof content === "string") made.textContent = content;
  else for (const child of content) made.appendChild(child);
  return made;
}
