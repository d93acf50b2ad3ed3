/**
 * How a picture is stored, from the few bytes that say so: its size, its bits. Nothing is decoded.
 *
 * Sources: PNG 3 §11.2; RFC 9649 (WebP) §2.5–2.7; GIF89a §18; Microsoft BITMAPINFOHEADER; TIFF 6.0 §8.
 */
import { InputError } from "@grayling/core";
import { type ReadPart, readParts } from "../files/read-parts.js";
import { readOrientation } from "./exif.js";
import { type ImageFormat, sniff, sniffedBytes } from "./image-format.js";
import { readJpegHeader } from "./jpeg-header.js";
import { readTiffDirectories } from "./tiff-directories.js";

export interface PictureHeader {
  readonly format: ImageFormat;
  readonly bitDepth: number; // per sample
  /** "integer" stands for all types of whole numbers. */
  readonly samples: "integer" | "float32" | "float64";
  readonly height: number; // px, upright
  readonly width: number; // px, upright
}

export interface FileHeader {
  /** What the first bytes say, whatever the name. */
  readonly content: string;
  /** Of page 1, 2, …; one for all frames of a DICOM; none where the header cannot be read. */
  readonly pages: readonly PictureHeader[];
}

/** Throws the error of the file system. */
export async function readFileHeader(path: string): Promise<FileHeader> {
  const dicom = () => import("./dicom.js"); // loaded when needed
  const found = readParts(path, (read): FileHeader | "dicom" => {
    const head = read(0, sniffedBytes);
    const found = sniff(head);
    if (found.kind !== "image") return { content: found.name, pages: [] };
    const { format } = found;
    if (format === "dicom") return "dicom";
    return { content: format, pages: tryToRead(() => readers[format](head, read)) };
  });
  if (found !== "dicom") return found;
  const { openDicom } = await dicom();
  const head = readParts(path, (read) => read(0, dicomHeadBytes));
  const pages = tryToRead(() => {
    const { height, width, bitDepth } = openDicom(head, Number.POSITIVE_INFINITY);
    return [{ format: "dicom", bitDepth, samples: "integer", height, width } as const];
  });
  return { content: "dicom", pages };
}

const dicomHeadBytes = 2 ** 16;

/** What is damaged tells its reason when it is decoded. */
function tryToRead(read: () => readonly PictureHeader[]): readonly PictureHeader[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError || error instanceof RangeError) return []; // RangeError: beyond a cut header
    throw error;
  }
}

type Reader = (head: Uint8Array, read: ReadPart) => readonly PictureHeader[];

/** Markers of a JPEG may hold a profile and a small picture before they come to the size: first a little, then all of it. */
const jpegHeadBytes = [2 ** 12, 2 ** 18];

const readers: { readonly [F in Exclude<ImageFormat, "dicom">]: Reader } = {
  png: (head, read) => {
    const view = viewOf(head);
    const size = upright(view.getUint32(16), view.getUint32(20), readOrientation(read, "png"));
    return [integers("png", ...size, view.getUint8(24))];
  },
  jpeg: (_, read) => {
    for (const bytes of jpegHeadBytes) {
      const header = readJpegHeader(read(0, bytes));
      if (!header) continue;
      const { width, height, bitDepth, orientation } = header;
      return [integers("jpeg", ...upright(width, height, orientation), bitDepth)];
    }
    return [];
  },
  webp: (head, read) => {
    const view = viewOf(head);
    const chunk = String.fromCharCode(...head.subarray(12, 16));
    if (chunk === "VP8 ")
      return [eightBits("webp", view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)];
    if (chunk === "VP8X") {
      const size = upright(1 + uint24(view, 24), 1 + uint24(view, 27), readOrientation(read, "webp"));
      return [eightBits("webp", ...size)];
    }
    const bits = view.getUint32(21, true);
    return [eightBits("webp", 1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff))];
  },
  gif: (head) => [eightBits("gif", viewOf(head).getUint16(6, true), viewOf(head).getUint16(8, true))],
  bmp: (head) => {
    const view = viewOf(head);
    const isOld = view.getUint32(14, true) === 12; // BITMAPCOREHEADER
    const [width, height, bits] = isOld
      ? [view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)]
      : [view.getInt32(18, true), Math.abs(view.getInt32(22, true)), view.getUint16(28, true)];
    return [integers("bmp", width, height, Math.min(8, bits))];
  },
  tiff: (_, read) =>
    readTiffDirectories(read).map(({ bits, sampleFormat, tags }) => {
      const [width = 0, height = 0, orientation = 1] = (["imageWidth", "imageLength", "orientation"] as const).map(
        (name) => tags.get(name)?.values[0],
      );
      const samples = sampleFormat !== "float" ? "integer" : bits === 64 ? "float64" : "float32";
      return { ...integers("tiff", ...upright(width, height, orientation), bits), samples };
    }),
};

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) + 65_536 * view.getUint8(at + 2);

/** Orientations of Exif from 5 on are turned by a quarter. */
const upright = (width: number, height: number, orientation: number): [width: number, height: number] =>
  orientation >= 5 && orientation <= 8 ? [height, width] : [width, height];

const integers = (format: ImageFormat, width: number, height: number, bitDepth: number): PictureHeader => ({
  format,
  bitDepth,
  samples: "integer",
  height,
  width,
});

const eightBits = (format: ImageFormat, width: number, height: number) => integers(format, width, height, 8);
