/** What a file is, by its first bytes and never by its name. */

export type ImageFormat = "png" | "jpeg" | "webp" | "tiff" | "gif" | "bmp" | "dicom";

/** How many of a file's first bytes `sniff` looks at. */
export const sniffedBytes = 132;

export type Sniffed =
  | { readonly kind: "image"; readonly format: ImageFormat }
  /** A picture that we cannot read; `name` says which, e.g. `HEIC`. */
  | { readonly kind: "unsupported"; readonly name: string }
  | { readonly kind: "other"; readonly name: string };

/** Tells what the bytes begin with; a beginning of `sniffedBytes` is enough. */
export function sniff(bytes: Uint8Array): Sniffed {
  const found = signatures.find(({ at, starts }) => starts.every((byte, i) => byte === null || bytes[at + i] === byte));
  return found?.what ?? { kind: "other", name: describe(bytes) };
}

interface Signature {
  readonly at: number;
  readonly starts: readonly (number | null)[]; // null: any byte
  readonly what: Sniffed;
}

// Sources: PNG 3 §5.2; JPEG (ITU-T T.81) B.1.1.3; RFC 9649 (WebP); TIFF 6.0 §2 and BigTIFF (43); GIF89a §17; BITMAPFILEHEADER;
// DICOM PS3.10 §7.1; ISO/IEC 14496-12 (ftyp brands of HEIC and AVIF); ISO/IEC 15444-1, 18181-2; OpenEXR and Photoshop headers.
const signatures: readonly Signature[] = [
  image("png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  image("jpeg", 0, [0xff, 0xd8, 0xff]),
  image("webp", 0, [...ascii("RIFF"), null, null, null, null, ...ascii("WEBP")]),
  image("tiff", 0, [...ascii("II"), 42, 0]),
  image("tiff", 0, [...ascii("MM"), 0, 42]),
  image("tiff", 0, [...ascii("II"), 43, 0]),
  image("tiff", 0, [...ascii("MM"), 0, 43]),
  image("gif", 0, ascii("GIF87a")),
  image("gif", 0, ascii("GIF89a")),
  // "BM" alone opens many a text: the two reserved words, zero in every BMP, are asked for as well.
  image("bmp", 0, [...ascii("BM"), null, null, null, null, 0, 0, 0, 0]),
  image("dicom", 128, ascii("DICM")),
  unsupported("AVIF", 4, ascii("ftypavif")),
  unsupported("HEIC", 4, ascii("ftyphei")),
  unsupported("HEIC", 4, ascii("ftypmif1")),
  unsupported("JPEG 2000", 4, ascii("jP  ")),
  unsupported("JPEG 2000", 0, [0xff, 0x4f, 0xff, 0x51]),
  unsupported("JPEG XL", 4, ascii("JXL ")),
  unsupported("JPEG XL", 0, [0xff, 0x0a]),
  unsupported("OpenEXR", 0, [0x76, 0x2f, 0x31, 0x01]),
  unsupported("Photoshop (PSD)", 0, ascii("8BPS")),
  unsupported("PGM (portable graymap)", 0, ascii("P5\n")),
  unsupported("PPM (portable pixmap)", 0, ascii("P6\n")),
  unsupported("NumPy", 0, [0x93, ...ascii("NUMPY")]),
];

function image(format: ImageFormat, at: number, starts: readonly (number | null)[]): Signature {
  return { at, starts, what: { kind: "image", format } };
}

function unsupported(name: string, at: number, starts: readonly (number | null)[]): Signature {
  return { at, starts, what: { kind: "unsupported", name } };
}

function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

function describe(bytes: Uint8Array): string {
  const start = bytes.subarray(0, sniffedBytes);
  if (start.length === 0) return "empty";
  const isText = start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  if (isText) return "text";
  return `bytes ${Array.from(start.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ")} …`;
}
