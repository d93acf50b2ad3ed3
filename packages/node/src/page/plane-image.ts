/**
 * A plane as a picture that stands in the page itself: a PNG of up to 255 colours as a data URI.
 *
 * With a palette a coloured plane takes no more bytes than a gray one. Written here, since sharp makes palettes only by
 * looking for colours. Source: PNG 3 (W3C), §5.3 (chunks), §11.2.1 (IHDR) and §11.2.2 (PLTE).
 */
import { crc32, deflateSync } from "node:zlib";
import { grayColor, type Rgb, signedColor } from "./color-map.js";
import { type Plane, shrink } from "./plane.js";

/** How values become colours. `gray`: from `black` to `white`. `signed`: zero is nearly white, ±`limit` the ends. */
export type Scale =
  | { readonly kind: "gray"; readonly black: number; readonly white: number }
  | { readonly kind: "signed"; readonly limit: number };

/** Longest side of a picture, px: twice what it is shown at, and a page of 600 px planes stays under 3 MB. */
const longestSide = 300;

/** Colours of a palette: odd, so that zero has its own. */
const colors = 255;

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** `data:image/png;base64,…` */
export function planeImage(plane: Plane, scale: Scale): string {
  const { width, height, values } = shrink(plane, longestSide);
  const stride = 1 + width; // each row begins with its filter: none
  const rows = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * stride + 1 + x] = Math.round((colors - 1) * partOf(values[y * width + x]!, scale));
    }
  }
  const palette = Array.from({ length: colors }, (_, i) => colorAt(i / (colors - 1), scale));
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3], 8); // 8 bits, palette; deflate, adaptive filters, not interlaced are 0
  const png = Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("PLTE", Uint8Array.from(palette.flat())),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
  return `data:image/png;base64,${png.toString("base64")}`;
}

/** The colour of one value. */
export const colorOf = (value: number, scale: Scale): Rgb => colorAt(partOf(value, scale), scale);

/** Where a value lies on its scale, 0–1. */
function partOf(value: number, scale: Scale): number {
  const part =
    scale.kind === "gray"
      ? (value - scale.black) / (scale.white - scale.black || 1)
      : 0.5 + value / (2 * scale.limit || 1);
  return Math.min(1, Math.max(0, part));
}

const colorAt = (part: number, { kind }: Scale): Rgb => (kind === "gray" ? grayColor(part) : signedColor(2 * part - 1));

function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(name, 4, "latin1");
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}
