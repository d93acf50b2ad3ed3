/**
 * A DICOM file up to its pixels, as attributes by tag, every length held against the file.
 *
 * Source: DICOM PS3.3 C.7.6.16 (functional groups of multi-frame images).
 */
import { inflateRawSync } from "node:zlib";
import { InputError } from "@grayling/core";
import {
  type DicomElement,
  type Elements,
  maxHeaderBytes,
  pixelDataTag,
  readElements,
  readFileMeta,
  showTag,
} from "./dicom-elements.js";
import { findTransferSyntax, type PixelCoding, type TransferSyntax } from "./dicom-transfer-syntax.js";

/** What a deflated file may inflate to: a thousand times its size is possible. */
export const maxInflatedBytes = 2 ** 29;

export interface DicomDataset {
  readonly syntax: TransferSyntax & { readonly coding: PixelCoding };
  readonly attributes: Attributes;
  /** The same with what the functional groups say of one frame, counted from 0, in front. */
  attributesOfFrame(frame: number): Attributes;
  readonly pixelData: PixelData;
}

/** Where the pixels stand; `length` is the file's claim, not checked, undefined for frames in fragments. */
export interface PixelData {
  /** The whole file, inflated if need be. */
  readonly body: Uint8Array;
  readonly start: number;
  readonly length: number | undefined;
  /** Samples are written as words of 16 bits, also those of 8: matters in big endian. */
  readonly isWords: boolean;
}

/** Reads attributes by tag, `xGGGGEEEE`. All throw `InputError` for a value that reaches beyond the file. */
export interface Attributes {
  has(tag: string): boolean;
  /** The first of several values, without padding; undefined if absent or empty. */
  text(tag: string): string | undefined;
  /** A number written as text, the first of several. Throws `InputError` for a text that is no number. */
  number(tag: string): number | undefined;
  uint16(tag: string): number | undefined;
  /** All values of 16 bits. */
  words(tag: string): Uint16Array | undefined;
  /** The first item of a sequence. */
  item(tag: string): Attributes | undefined;
}

/** Throws `InputError`: no DICOM, damaged, compressed in a way that is not decoded, or without pixels. */
export function readDicomDataset(bytes: Uint8Array): DicomDataset {
  const { elements: meta, end } = readFileMeta(bytes);
  const uid = attributesIn([meta], bytes, true).text("x00020010");
  if (uid === undefined) throw new InputError("damaged DICOM: no transfer syntax (0002,0010)");
  const syntax = findTransferSyntax(uid);
  const body = syntax.isDeflated ? inflate(bytes.subarray(end)) : bytes;
  const top = readElements(body, syntax.isDeflated ? 0 : end, syntax).elements;
  const read = (maps: readonly Elements[]) => attributesIn(maps, body, syntax.isBigEndian !== true);
  const attributes = read([top]);
  const pixels = top[pixelDataTag];
  if (!pixels) throw new InputError(explainNoPixels(attributes, body));
  const shared = macrosOf(top["x52009229"]?.items?.[0]);
  return {
    syntax,
    attributes,
    attributesOfFrame: (frame) => read([...macrosOf(top["x52009230"]?.items?.[frame]), ...shared, top]),
    pixelData: {
      body,
      start: pixels.dataOffset,
      length: pixels.hadUndefinedLength ? undefined : pixels.length,
      isWords: pixels.vr !== "OB",
    },
  };
}

function inflate(deflated: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(deflated, { maxOutputLength: maxInflatedBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      const limit = maxInflatedBytes.toLocaleString("en");
      throw new InputError(`deflated DICOM of more than ${limit} bytes, which is the limit`, { cause });
    }
    throw new InputError("truncated or damaged DICOM: cannot be inflated", { cause });
  }
}

/** The maps of a functional group: it holds sequences of one item each, and those hold the attributes. */
function macrosOf(group: DicomElement | undefined): Elements[] {
  const sequences = Object.values(group?.dataSet?.elements ?? {});
  return sequences.map(({ items }) => items?.[0]?.dataSet?.elements ?? {});
}

function explainNoPixels(attributes: Attributes, body: Uint8Array): string {
  if (attributes.has("x00041220")) return "DICOMDIR: an index of other files, without pixels";
  if (attributes.has("x7fe00008")) return "DICOM with Float Pixel Data (7FE0,0008) is not read: convert it to integers";
  if (attributes.has("x7fe00009")) return "DICOM with Double Float Pixel Data (7FE0,0009) is not read";
  if (body.length > maxHeaderBytes) {
    return `DICOM without pixel data (7FE0,0010) in its first ${maxHeaderBytes.toLocaleString("en")} bytes`;
  }
  const modality = attributes.text("x00080060");
  return `DICOM without pixel data (7FE0,0010): truncated, or no image${modality ? ` (modality ${modality})` : ""}`;
}

function attributesIn(maps: readonly Elements[], body: Uint8Array, isLittle: boolean): Attributes {
  const find = (tag: string) => maps.find((map) => map[tag] !== undefined)?.[tag];
  const view = (tag: string) => {
    const found = bytesOf(body, find(tag));
    return found && new DataView(found.buffer, found.byteOffset, found.byteLength);
  };
  const text = (tag: string) => textOf(bytesOf(body, find(tag)));
  return {
    has: (tag) => find(tag) !== undefined,
    text,
    number: (tag) => {
      const found = text(tag);
      if (found === undefined) return undefined;
      if (!Number.isFinite(Number(found))) {
        throw new InputError(`damaged DICOM: ${showTag(tag)} ${JSON.stringify(found)}, expected a number`);
      }
      return Number(found);
    },
    uint16: (tag) => {
      const found = view(tag);
      return found && found.byteLength >= 2 ? found.getUint16(0, isLittle) : undefined;
    },
    words: (tag) => {
      const found = view(tag);
      return found && Uint16Array.from({ length: found.byteLength >> 1 }, (_, i) => found.getUint16(2 * i, isLittle));
    },
    item: (tag) => {
      const elements = find(tag)?.items?.[0]?.dataSet?.elements;
      return elements && attributesIn([elements], body, isLittle);
    },
  };
}

function bytesOf(body: Uint8Array, element: DicomElement | undefined): Uint8Array | undefined {
  if (!element) return undefined;
  const { tag, dataOffset, length } = element;
  if (dataOffset + length <= body.length) return body.subarray(dataOffset, dataOffset + length);
  throw new InputError(`truncated DICOM: ${showTag(tag)} claims ${length} bytes, ${body.length - dataOffset} are left`);
}

/** Longer than the first value of any text that is asked for: 64 characters, some of two bytes. */
const maxTextBytes = 128;

/** As Latin-1, which keeps the identifiers of other alphabets apart, if not readable. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  const all = String.fromCharCode(...bytes.subarray(0, maxTextBytes));
  const [first] = all.split("\\");
  // Padding is a space, or a zero after UIDs; other controls could upset a terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = first?.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "").trim();
  return clean === "" ? undefined : clean;
}
