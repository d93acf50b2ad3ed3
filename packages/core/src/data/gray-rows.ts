/** A gray picture of any size, read row by row, so that no second copy of a large one is made. */

/** Rows of gray levels, 0–255 with fractions: what is left of `Levels` once a window is chosen. */
export interface GrayRows {
  readonly height: number;
  readonly width: number;
  /** Writes row `y` and those below it into `rows` [n, width]: as many as it has room for. */
  readRows(y: number, rows: Float32Array): void;
  /** Where levels are on a straight line over the file's values: what `readRows` does in two steps, each on its own. */
  readonly spread?: SpreadRows | undefined;
}

/** level = offset + sign · (value − low) · scale, with the product held to 0–255. */
export interface Spread {
  readonly low: number;
  readonly scale: number;
  readonly sign: 1 | -1;
  readonly offset: 0 | 255;
}

export interface SpreadRows extends Spread {
  /** As `readRows`, values for levels. */
  readValues(y: number, values: Float32Array): void;
}

/**
 * Luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B, in 1/65,536 as Pillow has it. The three sum to one exactly, so that a
 * gray stored as R = G = B is that gray. On gamma-encoded values, as they are stored: no linear light.
 * Source: ITU-R BT.601-7, 2.5.1; Pillow 13, src/libImaging/Convert.c.
 */
export function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue) / 65536;
}
