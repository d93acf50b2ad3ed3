/**
 * Decodes the JPEGs and PNGs that nearly all are, with little overhead and at once; the others, damaged ones among them,
 * are left to sharp. For reading threads: it loads nothing but these two decoders.
 */
import type { Pixels } from "@grayling/core";
import { sniff } from "./image-format.js";
import { readJpegHeader } from "./jpeg-header.js";
import { defaultMaxPixels } from "./max-pixels.js";
import { createPngReader } from "./png.js";
import { type DecodeLuma, loadTurboJpeg } from "./turbo-jpeg.js";

export interface PlainPicture {
  readonly format: "jpeg" | "png";
  readonly pixels: Pixels & { readonly data: Uint8Array | Uint16Array };
  readonly bitDepth: number;
}

/** Undefined for a file of another kind, and for one with anything wrong. */
export type DecodePlain = (bytes: Uint8Array) => PlainPicture | undefined;

export async function loadPlainDecoder(maxPixels: number = defaultMaxPixels): Promise<DecodePlain> {
  const decodeLuma = await loadTurboJpeg();
  const readPng = createPngReader();
  return (bytes) => {
    const found = sniff(bytes);
    if (found.kind !== "image") return undefined;
    if (found.format === "jpeg") return decodeJpeg(bytes, decodeLuma, maxPixels);
    return found.format === "png" ? readPng(bytes, maxPixels) : undefined;
  };
}

/** Gray and colour of 8 bits, if it is stored upright. */
function decodeJpeg(bytes: Uint8Array, decodeLuma: DecodeLuma, maxPixels: number): PlainPicture | undefined {
  const header = readJpegHeader(bytes);
  if (header?.orientation !== 1 || header.bitDepth !== 8) return undefined;
  const { height, width, components } = header;
  const size = height * width;
  if (size === 0 || size > maxPixels || (components !== 1 && components !== 3)) return undefined;
  const data = decodeLuma(bytes, height, width);
  return data && { format: "jpeg", pixels: { data, height, width, channels: 1, layout: "gray" }, bitDepth: 8 };
}
