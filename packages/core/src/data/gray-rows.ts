/** A gray picture of any size, read row by row, so that no second copy of a large one is made. */

/** Rows of gray levels, 0–255 with fractions. */
export interface GrayRows {
  readonly height: number;
  readonly width: number;
  /** Writes row `y` and those below it into `rows` [n, width]: as many as it has room for. */
  readRows(y: number, rows: Float32Array): void;
}

/** How the samples of one pixel make a gray level. `alpha` is what follows the colour, and is ignored. */
export type PixelLayout = "gray" | "rgb" | "cmyk";

export interface Pixels {
  /** [height, width, channels], row after row. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
  readonly height: number;
  readonly width: number;
  /** Samples per pixel; those after the layout's own (alpha) are ignored, not composited. */
  readonly channels: number;
  readonly layout: PixelLayout;
}

/**
 * Luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B, in 1/65,536 as Pillow has it. The three sum to one exactly, so that a
 * gray stored as R = G = B is that gray. On gamma-encoded values, as they are stored: no linear light.
 * Source: ITU-R BT.601-7, 2.5.1; Pillow 13, src/libImaging/Convert.c.
 */
export function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue) / 65536;
}

/** Reads decoded pixels as gray levels: 8 bits as they are, 16 bits divided by 257, which maps 65,535 to 255. */
export function grayRows({ data, height, width, channels, layout }: Pixels): GrayRows {
  const toLevel = data instanceof Uint16Array ? 1 / 257 : 1;
  const fill = fillers[layout];
  return {
    height,
    width,
    readRows: (y, rows) => fill(data, y * width * channels, channels, rows, toLevel),
  };
}

/** Levels of so many pixels as there is room for in `levels`. */
type Fill = (data: Pixels["data"], start: number, channels: number, levels: Float32Array, toLevel: number) => void;

const fillers: { readonly [L in PixelLayout]: Fill } = {
  gray: (data, start, channels, levels, toLevel) => {
    if (channels === 1 && toLevel === 1) return levels.set(data.subarray(start, start + levels.length)); // much the fastest
    for (let x = 0; x < levels.length; x++) levels[x] = data[start + x * channels]! * toLevel;
  },
  rgb: (data, start, channels, levels, toLevel) => {
    for (let x = 0, at = start; x < levels.length; x++, at += channels) {
      levels[x] = luma(data[at]!, data[at + 1]!, data[at + 2]!) * toLevel;
    }
  },
  // Ink on white without a colour profile, as Pillow reads it: R = (1 − C) (1 − K).
  cmyk: (data, start, channels, levels, toLevel) => {
    const white = 255 / toLevel;
    for (let x = 0, at = start; x < levels.length; x++, at += channels) {
      const light = luma(white - data[at]!, white - data[at + 1]!, white - data[at + 2]!);
      levels[x] = ((light * (white - data[at + 3]!)) / white) * toLevel;
    }
  },
};
