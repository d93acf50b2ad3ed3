/**
 * The list of a zip file's entries (its "central directory"), every number in it checked against the file.
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central header), 4.3.14–16 (ends), 4.5.3 (zip64).
 */
import { WeightsError } from "../errors.js";
import { quoted } from "./quoted.js";
import { decodeUtf8 } from "./utf8.js";

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  /** bytes in the file */
  readonly packedSize: number;
  /** bytes after unpacking, as the directory claims */
  readonly size: number;
  /** Where the entry begins, with a header of its own. */
  readonly start: number;
}

/** Where the directory lies; it ends where its own end record begins. */
interface Directory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

const endSignature = 0x06054b50;
const endBytes = 22;
const maximumCommentBytes = 0xffff;
const zip64LocatorSignature = 0x07064b50;
const zip64LocatorBytes = 20;
const zip64EndSignature = 0x06064b50;
const zip64EndBytes = 56;
const centralSignature = 0x02014b50;
const centralBytes = 46;
/** "It stands in the zip64 record", in 32 and in 16 bits. */
const [elsewhere32, elsewhere16] = [0xffff_ffff, 0xffff];
/** Flags: encrypted, strongly encrypted, names encrypted. */
const encryption = 1 | (1 << 6) | (1 << 13);

/**
 * All entries in the order of the directory, and where the directory starts. Throws `WeightsError` for a file that is
 * no zip, cut off, in several parts, encrypted, with more than `maximumEntries`, or whose numbers do not fit together.
 */
export function readZipDirectory(
  bytes: Uint8Array,
  maximumEntries: number,
): { readonly entries: readonly ZipEntry[]; readonly directoryStart: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, end, count } = findDirectory(view);
  if (count > maximumEntries) throw invalid(`${count} entries, expected at most ${maximumEntries}`);
  const entries: ZipEntry[] = [];
  let at = start;
  while (entries.length < count) {
    if (at + centralBytes > end || view.getUint32(at, true) !== centralSignature) {
      throw invalid(`the directory tells ${count} entries, but has ${entries.length}`);
    }
    const next = at + centralBytes + lengthsAt(view, at).total;
    if (next > end) throw invalid("an entry of the directory is longer than the directory");
    entries.push(readEntry(bytes, view, at));
    at = next;
  }
  if (at !== end) throw invalid(`the directory has ${end - at} bytes more than its ${count} entries`);
  return { entries, directoryStart: start };
}

function findDirectory(view: DataView): Directory {
  const at = findEnd(view);
  const count = view.getUint16(at + 10, true);
  const size = view.getUint32(at + 12, true);
  const start = view.getUint32(at + 16, true);
  const part = view.getUint16(at + 4, true);
  if ((part !== 0 && part !== elsewhere16) || view.getUint16(at + 8, true) !== count) {
    throw invalid("one of several parts, expected a whole file");
  }
  const isZip64 = count === elsewhere16 || size === elsewhere32 || start === elsewhere32;
  const directory = isZip64 ? readZip64End(view, at) : { start, end: at, count, size };
  if (directory.start + directory.size !== directory.end) {
    throw invalid(`the directory does not end where its end is told: bytes are missing or were put in between`);
  }
  return directory;
}

/** The last record that ends the file together with its comment. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - maximumCommentBytes); at--) {
    if (view.getUint32(at, true) === endSignature && at + endBytes + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  throw invalid("no end of a directory found: the file is cut off or no zip");
}

function readZip64End(view: DataView, end: number): Directory & { readonly size: number } {
  const locator = end - zip64LocatorBytes;
  if (locator < 0 || view.getUint32(locator, true) !== zip64LocatorSignature) {
    throw invalid("zip64: the directory's end points to a record that is not there");
  }
  const at = numberAt(view, locator + 8);
  if (at + zip64EndBytes > locator || view.getUint32(at, true) !== zip64EndSignature) {
    throw invalid("zip64: the end record is not where it is told");
  }
  const counts = [numberAt(view, at + 24), numberAt(view, at + 32)];
  if (counts[0] !== counts[1]) throw invalid("one of several parts, expected a whole file");
  return { start: numberAt(view, at + 48), end: at, size: numberAt(view, at + 40), count: counts[0]! };
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): ZipEntry {
  const nameStart = at + centralBytes;
  const lengths = lengthsAt(view, at);
  const name = checkedName(bytes.subarray(nameStart, nameStart + lengths.name));
  if (view.getUint16(at + 8, true) & encryption) throw invalid(`${quoted(name)}: encrypted, expected a plain one`);
  const extraStart = nameStart + lengths.name;
  const wide = zip64Numbers(view, extraStart, extraStart + lengths.extra, name);
  // In this order, and only those that did not fit.
  const size = wide(view.getUint32(at + 24, true));
  const packedSize = wide(view.getUint32(at + 20, true));
  const start = wide(view.getUint32(at + 42, true));
  return { name, method: view.getUint16(at + 10, true), crc32: view.getUint32(at + 16, true), packedSize, size, start };
}

/** A function that gives a number back, or, for one that did not fit into 32 bits, the next of the zip64 field. */
function zip64Numbers(view: DataView, from: number, end: number, name: string): (number: number) => number {
  let at = from;
  while (at + 4 <= end && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  const fieldEnd = at + 4 <= end ? at + 4 + view.getUint16(at + 2, true) : end;
  let next = at + 4;
  return (number) => {
    if (number !== elsewhere32) return number;
    if (next + 8 > fieldEnd || fieldEnd > end)
      throw invalid(`${quoted(name)}: zip64: a size is promised, but not there`);
    next += 8;
    return numberAt(view, next - 8);
  };
}

function lengthsAt(
  view: DataView,
  at: number,
): { readonly name: number; readonly extra: number; readonly total: number } {
  const [name, extra] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
  return { name, extra, total: name + extra + view.getUint16(at + 32, true) };
}

/** Throws for a name that would leave the folder in which somebody unpacks the file. */
function checkedName(bytes: Uint8Array): string {
  let name: string;
  try {
    name = decodeUtf8(bytes);
  } catch (cause) {
    throw new WeightsError("zip: the name of an entry is not UTF-8", { cause });
  }
  const isAbsolute = name.startsWith("/") || /^[a-z]:/i.test(name);
  if (
    name === "" ||
    isAbsolute ||
    /[\\\0]/.test(name) ||
    name.split("/").some((part) => part === ".." || part === ".")
  ) {
    throw invalid(`${quoted(name)}: expected a name inside of the archive`);
  }
  return name;
}

/** 64 bits; Infinity for what no file can be. */
function numberAt(view: DataView, at: number): number {
  const number = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(number) ? number : Number.POSITIVE_INFINITY;
}

const invalid = (message: string): WeightsError => new WeightsError(`zip: ${message}`);
