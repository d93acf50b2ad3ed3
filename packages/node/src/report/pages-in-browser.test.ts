/** Every page of ours in a real browser, narrow and wide, light and dark: what no reading of the markup tells. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { checkFolder } from "../check/check-folder.js";
import { checkPage } from "../check/page/check-page.js";
import { compareRuns } from "../compare/compare-runs.js";
import { comparePage } from "../compare/page/compare-page.js";
import { explain } from "../explain/explain.js";
import { openExplained } from "../explain/open-explained.js";
import { collectPicture } from "../explain/page/collect-picture.js";
import { explainPage } from "../explain/page/explain-page.js";
import { noisePlane } from "../images/read-plane.js";
import { type RunFiles, readRun } from "../run/finished-run.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { madeRun } from "../testing/made-run.js";
import { openBrowser } from "../testing/open-browser.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { makeReport } from "./make-report.js";

const images = repositoryFolder("fixtures", "mixed-bits");
const files = ["gray-8bit.png", "gray.jpg", "gray.bmp", "gray.gif", "gray-lossless.webp", "gone.png"];
const shapes = ["disc", "stripes"];

let folder: string;
let browser: Browser | string;
const pages = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling pages ü-"));
  browser = await openBrowser();
  if (typeof browser === "string") return;
  for (const [name, page] of await madePages()) {
    pages.set(name, join(folder, `${name}.html`));
    await writeFile(pages.get(name)!, page);
  }
});
afterAll(async () => {
  if (typeof browser === "object") await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** The report of few classes with pictures, that of many, and the pages of other commands. */
async function madePages(): Promise<[string, string][]> {
  const pathOf = (name: string, _: string, i: number) => `${name}/${files[i % files.length]}`;
  const long = "a class with a name so long that no column has room for all of it, however wide";
  const few = madeRun({ classes: shapes, perClass: 14, dataset: images, pathOf });
  const names = [long, "Übergröße", "裂纹", "شقوق", ...Array.from({ length: 16 }, (_, k) => `class ${k}`)];
  const several = madeRun({ classes: names, perClass: 12, trained: "network" });
  const many = madeRun({
    classes: Array.from({ length: 120 }, (_, k) => `class ${k}`),
    perClass: 4,
    measured: "folds",
  });
  const reports = await Promise.all([few, several, many].map((run) => makeReport(run)));
  const runtime = new OrtRuntime();
  const backbone = await openExplained("efficientnet-b0", { height: 33, width: 46, weights: "random" });
  const plane = noisePlane(backbone, 0);
  const explanation = await explain(runtime, backbone, plane, { image: "noise" });
  const picture = await collectPicture(runtime, backbone, plane);
  await runtime.close();
  return [
    ...reports.map((report, i): [string, string] => [
      ["few", "several", "many"][i]!,
      report.get("report.html") as string,
    ]),
    ["check", checkPage(await checkFolder(images))],
    ["explain", explainPage(explanation, picture)],
    ["compare", await comparedPage(few)],
    ["compare several", await comparedPage(several)],
  ];
}

/** A run beside one that errs on other images, and one like it. */
async function comparedPage(files: RunFiles): Promise<string> {
  const run = await readRun(files);
  const images = run.images.map((image, i) => {
    const predicted = (image.predicted + (i % 5 === 0 ? 1 : 0)) % run.config.classes.length;
    return { ...image, predicted };
  });
  const others = ["another", "a run with a name that is as long as a folder's may be, and then some more of it"];
  const runs = [run, ...others.map((name) => ({ ...run, name, source: `/made/${name}`, images }))];
  return comparePage(compareRuns(runs), runs);
}

interface Opened {
  readonly page: Page;
  /** Whatever the page says to its console, and asks for besides itself. */
  readonly complaints: readonly string[];
}

async function open(name: string, width: number, scheme: "light" | "dark"): Promise<Opened> {
  const page = await (browser as Browser).newPage({ viewport: { width, height: 900 }, colorScheme: scheme }); // else skipped
  const complaints: string[] = [];
  const url = pathToFileURL(pages.get(name)!).href;
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) complaints.push(request.url());
  });
  await page.goto(url);
  return { page, complaints };
}

function skipWithout(context: TestContext): void {
  if (typeof browser === "string") context.skip(browser);
}

const names = ["few", "several", "many", "check", "explain", "compare", "compare several"];
const views = names.flatMap((name) =>
  ([390, 1440] as const).flatMap((width) =>
    (["light", "dark"] as const).map((scheme) => [name, width, scheme] as const),
  ),
);

/** What stands beyond the page's right edge, without what scrolls in a frame of its own. */
const overflowing = `[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll, pre, .skip"))
  .map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)`;

/**
 * Texts whose contrast with what is behind them is below 4.5 (3 from 24 px on). Source: WCAG 2.2, success criterion 1.4.3.
 * Alpha is laid over what lies below; of a text in a drawing the fill is its colour.
 */
const faint = `(() => {
  const parse = (text) => {
    const canvas = (globalThis.canvas ??= new OffscreenCanvas(1, 1)).getContext("2d", { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => (value * a + below[i] * (255 - a)) / 255);
  const behind = (one) => {
    if (!one) return [255, 255, 255];
    return over(parse(getComputedStyle(one).backgroundColor), behind(one.parentElement));
  };
  /** Within a drawing: the last of the filled rectangles that are drawn before the text and lie under its middle. */
  const below = (text, svg) => {
    const { left, top, width, height } = text.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const drawn = [...svg.querySelectorAll("rect")].filter((rect) => {
      const box = rect.getBoundingClientRect();
      const isUnder = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      return isUnder && rect.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING && getComputedStyle(rect).fill !== "none";
    });
    return drawn.reduce((ground, rect) => {
      const { fill, fillOpacity, opacity } = getComputedStyle(rect);
      const [r, g, b, a] = parse(fill);
      return over([r, g, b, a * fillOpacity * opacity], ground);
    }, behind(svg));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => value / 255).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: one, textContent } = walker.currentNode;
    if (!textContent.trim() || !one.checkVisibility() || /^(STYLE|TITLE|title|desc|style)$/.test(one.tagName)) continue;
    const style = getComputedStyle(one);
    const svg = one.closest("svg");
    const ground = svg ? below(one, svg) : behind(one);
    const ink = over(parse(svg ? style.fill : style.color), ground);
    const [low, high] = [luminance(ink), luminance(ground)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    const needed = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    if (contrast < needed) found.push(contrast.toFixed(2) + " " + one.tagName + " " + textContent.trim().slice(0, 60));
  }
  return [...new Set(found)];
})()`;

describe("a page", () => {
  it.for(views)(
    "of %s at %i px, %s, is no wider than its window, loads nothing, and can be read",
    async ([name, width, scheme], context) => {
      skipWithout(context);
      const { page, complaints } = await open(name, width, scheme);
      const scrolls = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
      expect(await page.evaluate(overflowing)).toEqual([]);
      expect(scrolls).toEqual([width, width]);
      expect(await page.evaluate(faint)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it.for(names)("of %s prints on several sheets", async (name, context) => {
    skipWithout(context);
    const { page } = await open(name, 1440, "dark");
    const pdf = (await page.pdf({ format: "A4", printBackground: true })).toString("latin1");
    expect([...pdf.matchAll(/\/Type\s*\/Page\b/g)].length).toBeGreaterThan(1);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    await page.close();
  });
});

describe("the report's confusion matrix", () => {
  it("is reached and opened by the keyboard, and shows its images", async (context) => {
    skipWithout(context);
    const { page } = await open("few", 1440, "light");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    const focused = "document.activeElement.getAttribute('href')";
    for (let presses = 0; presses < 60 && (await page.evaluate(focused)) !== "#cell-0-1"; presses++)
      await page.keyboard.press("Tab");
    expect(await page.evaluate(focused)).toBe("#cell-0-1");
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    expect(await page.evaluate(outline)).toBe("solid");
    expect(await page.isVisible("#cell-0-1")).toBe(false);
    await page.keyboard.press("Enter");
    expect(await page.isVisible("#cell-0-1")).toBe(true);
    expect(await page.locator("#cell-0-1 .shot").first().isVisible()).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.isVisible("#cell-0-1")).toBe(false);
    await page.close();
  });

  it.for(["light", "dark"] as const)("has texts that can be read where it is opened, %s", async (scheme, context) => {
    skipWithout(context);
    const { page } = await open("few", 390, scheme);
    await page.evaluate("void (location.hash = '#cell-0-1')");
    expect(await page.isVisible("#cell-0-1")).toBe(true);
    expect(await page.evaluate(faint)).toEqual([]);
    expect(await page.evaluate(overflowing)).toEqual([]);
    await page.close();
  });

  it("has pictures that are drawn in the file's own aspect", async (context) => {
    skipWithout(context);
    const { page } = await open("few", 390, "light");
    const drawn =
      await page.evaluate(`[...document.querySelectorAll(".shot:not(.lost)")].filter((one) => one.checkVisibility()).map((one) => {
      const { width, height } = one.getBoundingClientRect();
      const style = getComputedStyle(one);
      const wanted = style.getPropertyValue("--w") / style.getPropertyValue("--h");
      return [style.backgroundImage.slice(0, 20), Math.abs(width / height / wanted - 1) < 0.05];
    })`);
    expect(new Set((drawn as unknown[]).map((one) => JSON.stringify(one)))).toEqual(
      new Set([`["url(\\"data:image/webp",true]`]),
    );
    await page.close();
  });
});
