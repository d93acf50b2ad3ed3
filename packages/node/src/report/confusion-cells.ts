/** The images behind each cell of a confusion matrix. */
import type { MeasuredImage } from "../run/finished-run.js";
import { confidenceOf, type MeasuredSide } from "./measured-side.js";

export interface ConfusionCell {
  readonly truth: number;
  readonly predicted: number;
  /** Most confident first. */
  readonly images: readonly MeasuredImage[];
}

/** The cells that have images, by true class, then by predicted class. */
export function confusionCells({ images }: Pick<MeasuredSide, "images">, classes: number): ConfusionCell[] {
  const cells = new Map<number, MeasuredImage[]>();
  for (const image of images) {
    const key = image.label * classes + image.predicted;
    const cell = cells.get(key);
    if (cell) cell.push(image);
    else cells.set(key, [image]);
  }
  return [...cells]
    .sort(([a], [b]) => a - b)
    .map(([key, members]) => ({
      truth: Math.floor(key / classes),
      predicted: key % classes,
      images: members.sort(byConfidence),
    }));
}

/** Most confident first; of equals the path decides, so that a report is always the same. */
export const byConfidence = (a: MeasuredImage, b: MeasuredImage): number =>
  confidenceOf(b) - confidenceOf(a) || (a.path < b.path ? -1 : 1);
