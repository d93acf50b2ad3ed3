/** What a probe is shown in place of a picture: too little to see the object, enough for a shortcut. */
import { type Picture, type ReadablePicture, thumbnailSide } from "./inspected-file.js";

export type ViewName = "borders" | "file" | "histogram" | "thumbnail";

export interface ProbeView {
  /** "the borders alone" */
  readonly shows: string;
  readonly columns: number;
  /** Whether what it shows can never be what the class means. */
  readonly isForeign: boolean;
  /** [columns] */
  readonly read: (file: ReadablePicture) => readonly number[];
}

/** Side of the coarse picture: 3 × 3 px of the thumbnail make one of its. */
export const coarseSide = 16;
const step = thumbnailSide / coarseSide;

export const probeViews: { readonly [V in ViewName]: ProbeView } = {
  borders: {
    shows: "the borders alone, a sixteenth of the picture on each side",
    columns: 4 * (coarseSide - 1),
    isForeign: true,
    read: ({ picture }) => coarse(picture).filter((_, i) => isBorder(i)),
  },
  file: {
    shows: "bytes, width, height and bit depth of the file",
    columns: 5,
    isForeign: true,
    read: ({ bytes, picture: { width, height, bitDepth } }) => [
      Math.log(Math.max(1, bytes)),
      Math.log(width),
      Math.log(height),
      Math.log(Math.max(1, bytes) / (width * height)),
      bitDepth,
    ],
  },
  histogram: {
    shows: "the histogram, 64 bins",
    columns: 64,
    isForeign: false,
    read: ({ picture: { histogram } }) => Array.from(histogram, Math.sqrt), // else the one bin of a white page outweighs all
  },
  thumbnail: {
    shows: `${coarseSide} × ${coarseSide} px`,
    columns: coarseSide ** 2,
    isForeign: false,
    read: ({ picture }) => coarse(picture),
  },
};

/** Whether pixel i of the coarse picture, row by row, is on its border. */
export function isBorder(i: number): boolean {
  const [x, y] = [i % coarseSide, Math.floor(i / coarseSide)];
  return x === 0 || y === 0 || x === coarseSide - 1 || y === coarseSide - 1;
}

/** [16 · 16], parts of what the file can hold. */
export function coarse({ thumbnail: { values, black, white }, range }: Picture): number[] {
  const scale = (white - black) / 255 / (range.high - range.low || 1);
  const offset = (black - range.low) / (range.high - range.low || 1);
  return Array.from({ length: coarseSide ** 2 }, (_, i) => {
    const first = Math.floor(i / coarseSide) * step * thumbnailSide + (i % coarseSide) * step;
    let sum = 0;
    for (let y = 0; y < step; y++) for (let x = 0; x < step; x++) sum += values[first + y * thumbnailSide + x]!;
    return offset + (scale * sum) / (step * step);
  });
}
