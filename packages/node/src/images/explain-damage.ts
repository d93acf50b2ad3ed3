/**
 * Says why a picture could not be decoded, from its bytes.
 *
 * Not from the message of libvips: it keeps one error text for all threads, so of pictures that are decoded at the same
 * time one gets the other's words or none (libvips 8.18; the test "does not depend on concurrency" sees it).
 */
import type { ImageFormat } from "./image-format.js";

/** A reason of one line: `truncated PNG`, or `damaged PNG` where the end is there. */
export function explainDamage(bytes: Uint8Array, format: ImageFormat): string {
  return explanations[format](bytes);
}

type Explain = (bytes: Uint8Array) => string;

const explanations: { readonly [F in ImageFormat]: Explain } = {
  png: (bytes) => (hasPngEnd(bytes) ? "damaged PNG" : "truncated PNG"),
  jpeg: (bytes) => (hasJpegEnd(bytes) ? "damaged JPEG" : "truncated JPEG"),
  webp: (bytes) => (riffBytes(bytes) <= bytes.length ? "damaged WebP" : "truncated WebP"),
  gif: (bytes) => (bytes.at(-1) === gifTrailer ? "damaged GIF" : "truncated or damaged GIF"),
  // Strips, tiles and directories lie in any order, so a TIFF does not show where its end should be.
  tiff: () => "truncated or damaged TIFF, or one of a kind that is not supported",
  bmp: () => "damaged BMP",
  dicom: () => "damaged DICOM",
};

const gifTrailer = 0x3b;

/** Whether the chunks lead to IEND: each is a length, a name, that many bytes and a checksum. Source: PNG 3, §5.3. */
function hasPngEnd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 0x49454e44; // "IEND"
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === end) return true;
  }
  return false;
}

/** Whether the end marker FF D9 stands near the end; some cameras write bytes behind it. Source: ITU-T T.81, B.1.1.3. */
function hasJpegEnd(bytes: Uint8Array): boolean {
  const tail = bytes.subarray(-1024);
  return tail.some((byte, i) => byte === 0xff && tail[i + 1] === 0xd9);
}

/** The size that a RIFF file claims. Source: RFC 9649, §2.4. */
function riffBytes(bytes: Uint8Array): number {
  if (bytes.length < 8) return Number.POSITIVE_INFINITY;
  return 8 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true);
}
