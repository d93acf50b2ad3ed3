/** A picture in colour that is drawn into: rectangles, pictures and words. No fonts and no system libraries, so it looks the same everywhere. */
import { isInk, letterHeight, letterWidth } from "../augment/bitmap-font.js";
import { loadSharp } from "../images/load-sharp.js";

/** sRGB, 0–255. */
export type Color = readonly [number, number, number];

export interface Canvas {
  readonly width: number; // px
  readonly height: number; // px
  /** [height, width, 3] */
  readonly data: Uint8Array;
}

export interface Place {
  readonly left: number; // px
  readonly top: number; // px
}

export interface Area extends Place {
  readonly width: number; // px
  readonly height: number; // px
}

export function createCanvas(width: number, height: number, color: Color): Canvas {
  const canvas = { width, height, data: new Uint8Array(width * height * 3) };
  fillArea(canvas, { left: 0, top: 0, width, height }, color);
  return canvas;
}

/** The picture, which lies within the canvas. */
export function drawPicture(canvas: Canvas, picture: Canvas, { left, top }: Place): void {
  for (let y = 0; y < picture.height; y++) {
    const row = picture.data.subarray(3 * y * picture.width, 3 * (y + 1) * picture.width);
    canvas.data.set(row, 3 * ((top + y) * canvas.width + left));
  }
}

/** What of the area lies beyond the canvas is left out. */
export function fillArea({ data, ...canvas }: Canvas, { left, top, width, height }: Area, [r, g, b]: Color): void {
  const [right, bottom] = [Math.min(canvas.width, left + width), Math.min(canvas.height, top + height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left, at = 3 * (y * canvas.width + left); x < right; x++) {
      data[at++] = r;
      data[at++] = g;
      data[at++] = b;
    }
  }
}

/** How large words are drawn: pixels per dot of a letter. */
const dot = 2;

export const lineHeight = dot * letterHeight; // px

/** px */
export const widthOfText = (text: string): number => Math.max(0, dot * ([...text].length * letterWidth - 1));

/** The text, or as much of its beginning as fits, with dots behind. */
export function fitText(text: string, width: number): string {
  const letters = [...text];
  const room = Math.max(1, Math.floor((width / dot + 1) / letterWidth));
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}

/** As `fitText`, of the end: what tells paths apart stands there. */
export function fitEnd(text: string, width: number): string {
  const letters = [...text];
  const room = Math.max(1, Math.floor((width / dot + 1) / letterWidth));
  return letters.length <= room ? text : `…${letters.slice(letters.length - room + 1).join("")}`;
}

/** One line; `top` is that of capitals. */
export function drawText(canvas: Canvas, text: string, { left, top }: Place, color: Color): void {
  for (const [i, letter] of [...text].entries()) {
    for (let row = 0; row < letterHeight; row++) {
      for (let column = 0; column < letterWidth - 1; column++) {
        if (!isInk(letter, row, column)) continue;
        const at = { left: left + dot * (i * letterWidth + column), top: top + dot * row };
        fillArea(canvas, { ...at, width: dot, height: dot }, color);
      }
    }
  }
}

/** `compressionLevel`: of a card of 688 × 446 px, 1 took 4–7 ms for 273 kB, 6 took 14 ms for 162 kB. */
export async function toPng({ data, width, height }: Canvas, compressionLevel: 1 | 6): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel })
    .toBuffer();
}
