/** Pictures as files, in the formats and bit depths that a folder from several machines holds. */
import type { LoadedSharp } from "../images/load-sharp.js";
import type { Plane } from "./plane.js";

export type Encoding = "png" | "png16" | "jpeg" | "webp";

type Encode = (plane: Plane, sharp: LoadedSharp) => Promise<Uint8Array>;

/** From levels 0–1 to the bytes of a gray picture; WebP has no gray, its three channels are equal. */
export const encodings: { readonly [E in Encoding]: { readonly extension: string; readonly encode: Encode } } = {
  png: { extension: "png", encode: (plane, sharp) => eightBit(plane, sharp).png().toBuffer() },
  png16: { extension: "png", encode: (plane, sharp) => sixteenBit(plane, sharp).png().toBuffer() },
  jpeg: { extension: "jpg", encode: (plane, sharp) => eightBit(plane, sharp).jpeg({ quality: 92 }).toBuffer() },
  webp: { extension: "webp", encode: (plane, sharp) => eightBit(plane, sharp).webp({ quality: 92 }).toBuffer() },
};

function eightBit({ width, height, values }: Plane, sharp: LoadedSharp) {
  const bytes = Uint8Array.from(values, (level) => Math.round(255 * level));
  return sharp(bytes, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
}

function sixteenBit({ width, height, values }: Plane, sharp: LoadedSharp) {
  const words = Uint16Array.from(values, (level) => Math.round(65535 * level));
  return sharp(words, { raw: { width, height, channels: 1 } }).toColourspace("grey16");
}
