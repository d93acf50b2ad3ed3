/** Lays pictures out in rows, each with a label below it. */
import type { GrayPlane } from "@grayling/core";
import { wrapText } from "../terminal/wrap-text.js";
import { isInk, letterHeight, letterWidth } from "./bitmap-font.js";

export interface LabelledPlane {
  readonly plane: GrayPlane;
  readonly label: string;
}

/** Gray levels of 8 bits, row after row. */
export interface Sheet {
  readonly data: Uint8Array;
  readonly height: number; // px
  readonly width: number; // px
}

const margin = 8; // px, around every picture
const lineHeight = letterHeight + 3; // px
const labelLines = 4; // what does not fit is left out
const white = 255;
const black = 0;

/** One row of pictures for each of `rows`. All pictures have one size. */
export function layOutSheet(rows: readonly (readonly LabelledPlane[])[]): Sheet {
  const first = rows[0]?.[0];
  if (!first) throw new Error("internal: a contact sheet without pictures");
  const columns = Math.max(...rows.map((row) => row.length));
  const cellWidth = Math.max(first.plane.width, 12 * letterWidth); // room for words
  const cellHeight = first.plane.height + labelLines * lineHeight;
  const width = columns * (cellWidth + margin) + margin;
  const height = rows.length * (cellHeight + margin) + margin;
  const sheet = { data: new Uint8Array(width * height).fill(white), height, width };
  for (const [row, cells] of rows.entries()) {
    for (const [column, { plane, label }] of cells.entries()) {
      const [top, left] = [margin + row * (cellHeight + margin), margin + column * (cellWidth + margin)];
      drawPlane(sheet, plane, top, left);
      drawLabel(sheet, label, { top: top + plane.height + 3, left, width: cellWidth });
    }
  }
  return sheet;
}

function drawPlane(sheet: Sheet, { values, height, width }: GrayPlane, top: number, left: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) sheet.data[(top + y) * sheet.width + left + x] = Math.round(values[y * width + x]!);
  }
}

interface LabelPlace {
  readonly top: number;
  readonly left: number;
  readonly width: number;
}

function drawLabel(sheet: Sheet, label: string, { top, left, width }: LabelPlace): void {
  const letters = Math.floor(width / letterWidth);
  const lines = wrapText(label, letters).flatMap((text) => piecesOf([...text], letters));
  for (const [line, text] of lines.slice(0, labelLines).entries()) {
    for (const [i, letter] of text.entries()) {
      drawLetter(sheet, letter, top + line * lineHeight, left + i * letterWidth);
    }
  }
}

/** A word that is longer than a line, a path for one, goes on in the next. */
function piecesOf(letters: readonly string[], length: number): readonly (readonly string[])[] {
  const count = Math.ceil(letters.length / length);
  return Array.from({ length: count }, (_, i) => letters.slice(i * length, (i + 1) * length));
}

function drawLetter(sheet: Sheet, letter: string, top: number, left: number): void {
  for (let row = 0; row < letterHeight; row++) {
    for (let column = 0; column < letterWidth - 1; column++) {
      if (isInk(letter, row, column)) sheet.data[(top + row) * sheet.width + left + column] = black;
    }
  }
}
