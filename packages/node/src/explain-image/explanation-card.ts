/** One picture per image that explains it: the image, and beside it what speaks for each class, with a legend in numbers. */
import { percent, spreadMaps } from "@grayling/core";
import { type GrayPicture, grayCanvas, legendColor, limitOf, overlay } from "./cam-overlay.js";
import {
  type Canvas,
  type Color,
  createCanvas,
  drawPicture,
  drawText,
  fillArea,
  fitEnd,
  fitText,
  lineHeight,
  type Place,
  widthOfText,
} from "./canvas.js";
import type { ExplainedClass, ExplainedImage } from "./explain-images.js";

const paper: Color = [255, 255, 255];
const ink: Color = [24, 24, 27];
const faint: Color = [95, 95, 102]; // 6.3 against the paper
const margin = 16; // px
const gap = 8; // px
const legendHeight = 12; // px

/** Narrower panels have no room for words. */
const leastPanel = 256; // px

export interface CardTexts {
  /** Above all: which image. */
  readonly title: string;
  /** Above the image itself. */
  readonly subtitle: string;
  /** Of the numbers in the legends. */
  readonly unit: string;
  /** What the brightest colour stands for at least; default 0, so that every map has its own scale. */
  readonly leastLimit?: number | undefined;
}

/** The image, and a panel for each class that is explained. `picture` is the whole image at the size it is drawn. */
export function explanationCard(picture: GrayPicture, image: ExplainedImage, texts: CardTexts): Canvas {
  const { title, subtitle, unit, leastLimit = 0 } = texts;
  const panel = Math.max(leastPanel, picture.width);
  const panels = 1 + image.classes.length;
  const width = margin + panels * (panel + margin);
  const top = margin + lineHeight + margin; // of the panels
  const below = top + lineHeight + gap; // of the pictures
  const height = below + picture.height + gap + legendHeight + gap + lineHeight + margin;
  const card = createCanvas(width, height, paper);
  drawText(card, fitEnd(title, width - 2 * margin), { left: margin, top: margin }, ink);
  drawText(card, fitText(subtitle, panel), { left: margin, top }, faint);
  drawPicture(card, grayCanvas(picture), { left: margin, top: below });
  for (const [i, explained] of image.classes.entries()) {
    const left = margin + (i + 1) * (panel + margin);
    drawText(card, heading(explained, panel), { left, top }, ink);
    const limit = Math.max(leastLimit, limitOf(explained.maps));
    drawPicture(card, overlay(picture, spreadMaps(explained.maps, image, picture), limit), { left, top: below });
    drawLegend(card, { left, top: below + picture.height + gap }, { width: panel, limit, unit });
  }
  return card;
}

/** The class gives way where there is no room: its probability is not cut off. */
function heading({ label, probability }: ExplainedClass, width: number): string {
  const number = percent(probability);
  return `${fitText(label, width - widthOfText(`${number}  `))} ${number}`;
}

interface Legend {
  readonly width: number; // px
  readonly limit: number;
  readonly unit: string;
}

function drawLegend(card: Canvas, { left, top }: Place, { width, limit, unit }: Legend): void {
  for (let x = 0; x < width; x++) {
    const part = limit > 0 ? x / (width - 1) : 0;
    fillArea(card, { left: left + x, top, width: 1, height: legendHeight }, legendColor(part));
  }
  const words = top + legendHeight + gap;
  if (!(limit > 0)) {
    drawText(card, fitText("nothing speaks for it", width), { left, top: words }, faint);
    return;
  }
  const largest = shortNumber(limit);
  drawText(card, "0", { left, top: words }, ink);
  drawText(card, largest, { left: left + width - widthOfText(largest), top: words }, ink);
  const room = width - 2 * widthOfText(`${largest} `);
  const middle = fitText(unit, room);
  drawText(card, middle, { left: left + Math.floor((width - widthOfText(middle)) / 2), top: words }, faint);
}

/** Two digits that count; very large and very small ones as powers of ten. */
function shortNumber(value: number): string {
  const isPlain = value >= 0.001 && value < 10000;
  return isPlain ? String(Number(value.toPrecision(value >= 100 ? 4 : 2))) : value.toExponential(1).replace("e+", "e");
}
