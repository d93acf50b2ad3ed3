/** A confusion matrix as a picture: rows are true classes, columns predicted ones; white is none, black all of a row. */
import type { Plane } from "../page/plane.js";
import { planeImage } from "../page/plane-image.js";
import type { SummaryImage } from "./event-message.js";

/** Longest side, px: what `planeImage` keeps as it is. */
const side = 300;

/** `matrix[true][predicted]`, images. Of more than 300 classes a pixel is the mean of several cells. */
export function confusionImage(matrix: readonly (readonly number[])[], tag: string): SummaryImage {
  const classes = matrix.length;
  const cell = Math.max(1, Math.floor(side / classes));
  const width = classes * cell;
  const parts = matrix.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (sum === 0 ? 0 : count / sum));
  });
  const values = Float32Array.from(
    { length: width * width },
    (_, i) => parts[Math.floor(i / width / cell)]![Math.floor((i % width) / cell)]!,
  );
  const plane: Plane = { width, height: width, values };
  const png = Buffer.from(planeImage(plane, { kind: "gray", black: 1, white: 0 }).split(",")[1]!, "base64"); // a data URI
  return { tag, width: png.readUInt32BE(16), height: png.readUInt32BE(20), png };
}
