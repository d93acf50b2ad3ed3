import { classificationMetrics, judgeImages, reliability, SeededRandom, sharpen } from "@grayling/core";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../../testing/open-browser.js";
import { parseChart } from "../../testing/parse-chart.js";
import type { Chart } from "./chart.js";
import { classCounts } from "./class-counts.js";
import { confidenceHistogram } from "./confidence-histogram.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { loadPlot, type Plotting } from "./load-plot.js";
import { noveltyHistogram } from "./novelty-histogram.js";
import { perClassBars } from "./per-class-bars.js";
import { precisionRecallCurves } from "./precision-recall-curves.js";
import { reliabilityDiagram } from "./reliability-diagram.js";
import { rocCurves } from "./roc-curves.js";
import { splitBar } from "./split-bar.js";
import { trainingCurves } from "./training-curves.js";

let plotting: Plotting;
beforeAll(async () => {
  plotting = await loadPlot();
});

const hostile = [
  '<script>alert("1")</script>',
  "a & b's \u202e\u0000\n",
  "]]></style><svg onload=x>",
  "اسم الصنف",
  "a very long name of a class that nobody can read to its end",
];

const epochs = (count: number) => ({
  columns: ["epoch", "loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"],
  rows: Array.from({ length: count }, (_, i) => [
    i + 1,
    1 / (i + 1),
    1 - 0.5 / (i + 1),
    1.2 / (i + 1),
    1 - 0.6 / (i + 1),
    0.001 / (i + 1),
  ]),
});

/** Every chart of a run of so many classes; the last class has no images. */
function chartsOf(classes: number, images: number): Chart[] {
  const random = new SeededRandom(classes);
  const names = Array.from({ length: classes }, (_, k) => hostile[k] ?? `kind ${k}`);
  const labels = Array.from({ length: images }, (_, i) => i % Math.max(1, classes - 1));
  const logits = Array.from({ length: images * classes }, (_, i) =>
    Math.exp(3 * random.next() + (labels[Math.floor(i / classes)] === i % classes ? 2 : 0)),
  );
  const sums = labels.map((_, i) => logits.slice(i * classes, (i + 1) * classes).reduce((a, b) => a + b, 0));
  const probabilities = Float32Array.from(logits, (value, i) => value / sums[Math.floor(i / classes)]!);
  const judged = judgeImages(labels, probabilities, classes);
  const isRight = Uint8Array.from(labels, (label, i) => (label === judged.predicted[i] ? 1 : 0));
  const before = judgeImages(labels, sharpen(probabilities, classes, 2), classes);
  const metrics = classificationMetrics(labels, probabilities, names);
  const counts = names.map((_, k) => (k === classes - 1 ? [0, 0, 0] : [9 * (k + 1), 2 * k, 3]));
  const split = { sides: ["train", "val", "test"], counts };
  const matrix = confusionMatrix(plotting, { names, confusionMatrix: metrics.confusionMatrix });
  return [
    trainingCurves(plotting, epochs(classes)),
    splitBar(plotting, split),
    classCounts(plotting, { names, ...split }),
    ...(matrix ? [matrix] : []),
    perClassBars(plotting, metrics.perClass),
    rocCurves(plotting, { names, ranked: judged.ranked }),
    precisionRecallCurves(plotting, { names, ranked: judged.ranked }),
    reliabilityDiagram(plotting, {
      after: reliability(judged.confidence, isRight),
      before: reliability(before.confidence, isRight),
    }),
    confidenceHistogram(plotting, { confidence: judged.confidence, isRight }),
    noveltyHistogram(
      plotting,
      labels.map(() => 1.3 * random.next()),
    ),
  ];
}

/** Every chart where nothing was measured. */
const emptyCharts = (): Chart[] => [
  trainingCurves(plotting, { columns: [], rows: [] }),
  splitBar(plotting, { sides: [], counts: [] }),
  classCounts(plotting, { names: ["a"], sides: ["train"], counts: [[0]] }),
  ...[confusionMatrix(plotting, { names: [], confusionMatrix: [] })].flatMap((chart) => chart ?? []),
  perClassBars(plotting, []),
  rocCurves(plotting, { names: [], ranked: [] }),
  precisionRecallCurves(plotting, { names: [], ranked: [] }),
  reliabilityDiagram(plotting, { after: [] }),
  confidenceHistogram(plotting, { confidence: [], isRight: [] }),
  noveltyHistogram(plotting, [Number.NaN]),
];

const cases = [
  { what: "2 classes", make: () => chartsOf(2, 1), charts: 10 },
  { what: "5 classes with hostile names", make: () => chartsOf(5, 120), charts: 10 },
  { what: "12 classes", make: () => chartsOf(12, 240), charts: 10 },
  { what: "200 classes", make: () => chartsOf(200, 1000), charts: 9 },
  { what: "nothing", make: emptyCharts, charts: 10 },
];

describe.each(cases)("charts of $what", ({ make, charts: count }) => {
  let charts: Chart[];
  beforeAll(() => {
    charts = make();
  });

  it("are all there, under names of their own", () => {
    expect(new Set(charts.map(({ name }) => name)).size).toBe(count);
  });

  it("hold no number that is none, and no name that is not escaped", () => {
    for (const { svg, alt } of charts) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
      for (const text of ["<script", "<svg onload", "\u202e", "\u0000"]) expect(svg).not.toContain(text);
      expect(alt).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it("are files that a strict parser reads and that show something", async () => {
    for (const { svg } of charts) {
      // libvips reads SVG with libxml2, which stops at what is not well-formed.
      const { channels } = await sharp(Buffer.from(svg)).stats();
      expect(channels[0]!.stdev).toBeGreaterThan(1);
    }
  });

  it("are pictures with a title, a description and a size", () => {
    for (const chart of charts) {
      const { elements } = parseChart(chart);
      const [svg] = elements("svg");
      expect(svg!.getAttribute("role")).toBe("img");
      expect(svg!.getAttribute("viewBox")).toBe(`0 0 ${svg!.getAttribute("width")} ${svg!.getAttribute("height")}`);
      expect(elements("title").map(({ textContent }) => textContent)).toEqual([chart.title]);
      expect(elements("desc").map(({ textContent }) => textContent)).toEqual([chart.alt]);
      expect(svg!.getAttribute("aria-labelledby")).toBe(`${chart.name}-title ${chart.name}-desc`);
      expect(elements("[aria-label], [aria-hidden]")).toEqual([]);
    }
  });

  it("say in the picture that there is nothing, where there is nothing", () => {
    for (const chart of charts) {
      const { elements, textsOf, texts } = parseChart(chart);
      const isEmpty = elements('[data-part="note"]').length > 0;
      expect(isEmpty || textsOf("legend").length > 0 || texts().length > 3).toBe(true);
      if (count === 10 && make === emptyCharts) expect(isEmpty).toBe(true);
    }
  });
});

/** Of a text in a page, px. */
interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

describe("charts in a browser", () => {
  let browser: Browser | string;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    if (typeof browser !== "string") await browser.close();
  });

  it("cut no label and write none over another, as narrow as a phone", async (context) => {
    if (typeof browser === "string") return context.skip(browser);
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const problems: string[] = [];
    for (const { what, make } of cases) {
      for (const { name, svg } of make()) {
        await page.setContent(
          `<body style="margin:15px">${svg.replace("<svg ", '<svg style="width:360px;height:auto" ')}`,
        );
        const [frame, ...texts]: Box[] = await page.evaluate(boxesScript);
        expect(texts.length, name).toBeGreaterThan(0);
        for (const [i, a] of texts.entries()) {
          if (!isInside(a, frame!)) problems.push(`${name} of ${what}: "${a.text}" is cut`);
          for (const b of texts.slice(0, i))
            if (meet(a, b)) problems.push(`${name} of ${what}: "${a.text}" over "${b.text}"`);
        }
      }
    }
    expect(problems).toEqual([]);
    await page.close();
  }, 120_000);

  it("turn dark with the screen, in a page as in a file, and stay light on paper", async (context) => {
    if (typeof browser === "string") return context.skip(browser);
    const page = await browser.newPage();
    const [{ svg }] = chartsOf(2, 4) as [Chart];
    const ground = "getComputedStyle(document.querySelector('svg > rect')).fill";
    const show = async (colorScheme: "light" | "dark", media: "screen" | "print") => {
      await page.emulateMedia({ colorScheme, media });
      return page.evaluate<string>(ground);
    };
    await page.setContent(`<body>${svg}`);
    expect(await show("light", "screen")).toBe("rgb(251, 251, 250)");
    expect(await show("dark", "screen")).toBe("rgb(20, 21, 22)");
    expect(await show("dark", "print")).toBe("rgb(251, 251, 250)");
    await page.setContent(`<style>:root{--paper:#123456}</style><body>${svg}`);
    expect(await show("dark", "screen")).toBe("rgb(18, 52, 86)"); // the page's own
    await page.goto(`data:image/svg+xml,${encodeURIComponent(svg)}`);
    expect(await show("dark", "screen")).toBe("rgb(20, 21, 22)");
    await page.close();
  }, 60_000);
});

/** The drawing's box, then those of its texts; boxes of ink, not of lines, which fonts make taller than letters. */
const boxesScript = `(() => {
  const box = (element, part) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [wide, tall] = [right - left > bottom - top, 0.2];
    const [x, y] = part ? (wide ? [0, tall * (bottom - top)] : [tall * (right - left), 0]) : [0, 0];
    return { text: element.textContent, left: left + x, right: right - x, top: top + y, bottom: bottom - y };
  };
  const svg = document.querySelector("svg");
  return [box(svg, false), ...[...svg.querySelectorAll("text")].map((text) => box(text, true))];
})()`;

const slack = 0.5; // px
const isInside = (box: Box, frame: Box): boolean =>
  box.left >= frame.left - slack &&
  box.right <= frame.right + slack &&
  box.top >= frame.top - slack &&
  box.bottom <= frame.bottom + slack;
const meet = (a: Box, b: Box): boolean =>
  a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
