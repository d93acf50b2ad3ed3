/**
 * Decodes large gray JPEGs by the libjpeg-turbo inside sharp, which uses the processor's vectors: the same levels as
 * `turbo-jpeg`, a fifth faster for a megapixel. Below that it is not worth what sharp does around a picture.
 *
 * For reading threads, beside a thread that has called `loadSharp`: the settings of that are the process's.
 */
import type { PlainPicture } from "./decode-plain.js";
import { sniff } from "./image-format.js";
import { readJpegHeader } from "./jpeg-header.js";
import { defaultMaxPixels } from "./max-pixels.js";

/** Between 2^18, where sharp takes 2.3 ms of processor and WebAssembly 1.3, and 2^20, where they take 4.2 and 5.3. */
const leastPixels = 2 ** 19;

/** Undefined for another file, for a small one, and for one with anything wrong. */
export async function decodeLargeJpeg(
  bytes: Uint8Array,
  maxPixels: number = defaultMaxPixels,
): Promise<PlainPicture | undefined> {
  const found = sniff(bytes);
  if (found.kind !== "image" || found.format !== "jpeg") return undefined;
  const header = readJpegHeader(bytes);
  if (header?.orientation !== 1 || header.bitDepth !== 8 || header.components !== 1) return undefined;
  const { height, width } = header;
  if (height * width < leastPixels || height * width > maxPixels) return undefined;
  const { default: sharp } = await import("sharp");
  const options = { failOn: "warning", ignoreIcc: true, limitInputPixels: false, sequentialRead: false } as const;
  const decoded = await sharp(bytes, options)
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => undefined); // whoever decodes it next says what is wrong
  if (decoded?.info.height !== height || decoded.info.width !== width || decoded.info.channels !== 1) return undefined;
  return { format: "jpeg", pixels: { data: decoded.data, height, width, channels: 1, layout: "gray" }, bitDepth: 8 };
}
