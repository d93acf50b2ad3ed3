/**
 * What a TIFF says of its pages, without decoding any: how many there are, and how their samples are stored.
 * Source: TIFF 6.0, §2 (structure) and §8; BigTIFF (43: offsets of 8 bytes).
 */
import { InputError } from "@grayling/core";
import type { ReadPart } from "../files/read-parts.js";

export interface TiffDirectory {
  readonly bits: number; // per sample
  readonly samplesPerPixel: number;
  readonly sampleFormat: "uint" | "int" | "float" | "other";
  readonly isLittleEndian: boolean;
  /** The photometric interpretation WhiteIsZero: large values are dark. */
  readonly isWhiteZero: boolean;
  /** A smaller copy of another page, such as a thumbnail. */
  readonly isReduced: boolean;
  readonly tags: ReadonlyMap<TiffTagName, TiffTag>;
}

export type TiffTagName = keyof typeof tagNumbers;

/** Whole numbers; of more than 64 the first. */
export interface TiffTag {
  readonly values: readonly number[];
  /** Where each value lies in the file. */
  readonly places: readonly number[];
  readonly bytes: number; // of one value: 1, 2 or 4
}

/** More pages than this are damage. */
export const maxPages = 65_536;

/** A directory of more entries is damage: TIFF knows some hundred tags. */
const maxEntries = 4096;

/** Those that are looked at. */
const tagNumbers = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  predictor: 317,
  tileWidth: 322,
  sampleFormat: 339,
} as const;

const tagNames = new Map(Object.entries(tagNumbers).map(([name, tag]) => [tag as number, name as TiffTagName])); // its keys

/** All directories in the order of the file, as libtiff counts them. Throws `InputError` for one that cannot be read. */
export function readTiffDirectories(read: ReadPart): readonly TiffDirectory[] {
  const file = openFile(read);
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  for (let at = file.first; at !== 0; ) {
    if (seen.has(at) || seen.size === maxPages) throw new InputError("damaged TIFF: its pages form a circle");
    seen.add(at);
    const { directory, next } = readDirectory(file, at);
    directories.push(directory);
    at = next;
  }
  if (directories.length === 0) throw new InputError("damaged TIFF: it has no page");
  return directories;
}

interface TiffFile {
  readonly view: (at: number, length: number) => DataView;
  readonly isLittle: boolean;
  readonly isBig: boolean;
  readonly first: number;
}

function openFile(read: ReadPart): TiffFile {
  const view = (at: number, length: number): DataView => {
    const bytes = read(at, length);
    if (bytes.length < length) throw new InputError("truncated TIFF: a directory lies beyond its end");
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  const header = view(0, 8);
  const isLittle = header.getUint16(0) === 0x4949; // "II"
  const isBig = header.getUint16(2, isLittle) === 43;
  const first = isBig ? offsetOf(view(8, 8), 0, isLittle) : header.getUint32(4, isLittle);
  return { view, isLittle, isBig, first };
}

/** 8 bytes; beyond 2⁵³ no file reaches, and what is read there is missing. */
const offsetOf = (view: DataView, at: number, isLittle: boolean): number => Number(view.getBigUint64(at, isLittle));

function readDirectory(file: TiffFile, at: number): { readonly directory: TiffDirectory; readonly next: number } {
  const { view, isLittle, isBig } = file;
  const [countBytes, entryBytes] = isBig ? [8, 20] : [2, 12];
  const counted = view(at, countBytes);
  const entries = isBig ? offsetOf(counted, 0, isLittle) : counted.getUint16(0, isLittle);
  if (entries > maxEntries) throw new InputError(`damaged TIFF: a directory of ${entries} entries`);
  const start = at + countBytes;
  const table = view(start, entries * entryBytes + (isBig ? 8 : 4));
  const tags = new Map<TiffTagName, TiffTag>();
  for (let i = 0; i < entries; i++) {
    const name = tagNames.get(table.getUint16(i * entryBytes, isLittle));
    const tag = name && readTag(file, table, start, i * entryBytes);
    if (tag) tags.set(name, tag);
  }
  const end = entries * entryBytes;
  return {
    directory: describe(tags, isLittle),
    next: isBig ? offsetOf(table, end, isLittle) : table.getUint32(end, isLittle),
  };
}

function describe(tags: ReadonlyMap<TiffTagName, TiffTag>, isLittleEndian: boolean): TiffDirectory {
  const first = (tag: TiffTagName, usual: number) => tags.get(tag)?.values[0] ?? usual;
  return {
    bits: first("bitsPerSample", 1),
    samplesPerPixel: first("samplesPerPixel", 1),
    sampleFormat: (["other", "uint", "int", "float"] as const)[first("sampleFormat", 1)] ?? "other",
    isLittleEndian,
    isWhiteZero: first("photometric", 1) === 0,
    isReduced: (first("newSubfileType", 0) & 1) === 1,
    tags,
  };
}

/** Bytes of the types of whole numbers: BYTE, SHORT, LONG. */
const typeBytes: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
]);

/** More values, one for each sample of a pixel, are not looked at. */
const maxValues = 64;

/** What one entry holds, if it is whole numbers: tag, type, count, then the values or where they lie. */
function readTag(
  { view, isLittle, isBig }: TiffFile,
  table: DataView,
  start: number,
  entry: number,
): TiffTag | undefined {
  const bytes = typeBytes.get(table.getUint16(entry + 2, isLittle));
  if (bytes === undefined) return undefined;
  const claimed = isBig ? offsetOf(table, entry + 4, isLittle) : table.getUint32(entry + 4, isLittle);
  const count = Math.min(claimed, maxValues);
  const [field, room] = isBig ? [entry + 12, 8] : [entry + 8, 4];
  const isInline = claimed * bytes <= room;
  const outside = isBig ? offsetOf(table, field, isLittle) : table.getUint32(field, isLittle);
  const at = isInline ? start + field : outside;
  const stored = view(at, count * bytes);
  const places = Array.from({ length: count }, (_, i) => at + i * bytes);
  const values = places.map((_, i) => readWhole(stored, i * bytes, bytes, isLittle));
  return { values, places, bytes };
}

function readWhole(view: DataView, at: number, bytes: number, isLittle: boolean): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at, isLittle) : view.getUint32(at, isLittle);
}
