/**
 * Which camera took a picture, when, and how it is turned, from Exif in JPEG, PNG, WebP and TIFF.
 * Sources: Exif 2.32, §4.6; PNG 3, §11.3.4.5 (eXIf); RFC 9649 (WebP), §2.3 and 2.7.1.5.
 */
import type { ReadPart } from "../files/read-parts.js";
import type { ImageFormat } from "./image-format.js";

export interface Exif {
  readonly model?: string;
  /** Of the camera's body. */
  readonly serial?: string;
  /** Seconds, of the camera's own clock: only differences mean something. */
  readonly takenAt?: number;
}

/** What there is; nothing where it is damaged or of another format: a picture without it is a picture. */
export function readExif(read: ReadPart, format: ImageFormat): Exif {
  const found = findDirectory(read, format);
  return found ? readTags(found) : {};
}

/** 1 to 8, how a picture is turned (5 and more by a quarter); 1, as it is, where that is not told. */
export function readOrientation(read: ReadPart, format: ImageFormat): number {
  const found = findDirectory(read, format);
  const entry = found?.entries.get(orientationTag);
  if (!found || !entry) return 1;
  const bytes = found.read(entry.place, 2);
  const value = bytes.length === 2 ? viewOf(bytes).getUint16(0, found.isLittle) : 1;
  return value >= 1 && value <= 8 ? value : 1;
}

type Find = (read: ReadPart) => number | undefined;

/** Where the TIFF structure of its Exif begins. */
const finders: { readonly [F in ImageFormat]?: Find } = {
  tiff: () => 0,
  jpeg: findInJpeg,
  png: findInPng,
  webp: findInWebp,
};

/** More segments or chunks are not gone through. */
const mostParts = 64;

const startOfScan = 0xda;
const exifSegment = 0xe1;

function findInJpeg(read: ReadPart): number | undefined {
  for (let at = 2, part = 0; part < mostParts; part++) {
    const head = read(at, 10);
    if (head.length < 10 || head[0] !== 0xff || head[1] === startOfScan) return undefined;
    if (head[1] === exifSegment && latin(head.subarray(4, 8)) === "Exif") return at + 10;
    at += 2 + viewOf(head).getUint16(2);
  }
  return undefined;
}

function findInPng(read: ReadPart): number | undefined {
  for (let at = 8, part = 0; part < mostParts; part++) {
    const head = read(at, 8);
    if (head.length < 8) return undefined;
    const name = latin(head.subarray(4));
    if (name === "eXIf") return at + 8;
    if (name === "IDAT") return undefined; // behind the pixels few write it, and it is far
    at += 12 + viewOf(head).getUint32(0);
  }
  return undefined;
}

/** Behind the pixels. Some writers begin it as in JPEG. */
function findInWebp(read: ReadPart): number | undefined {
  for (let at = 12, part = 0; part < mostParts; part++) {
    const head = read(at, 12);
    if (head.length < 12) return undefined;
    if (latin(head.subarray(0, 4)) === "EXIF") return at + (latin(head.subarray(8)) === "Exif" ? 14 : 8);
    const size = viewOf(head).getUint32(4, true);
    at += 8 + size + (size % 2);
  }
  return undefined;
}

const modelTag = 0x0110;
const orientationTag = 0x0112;
const exifDirectoryTag = 0x8769;
const timeTag = 0x9003; // DateTimeOriginal
const serialTag = 0xa431; // BodySerialNumber

interface Directory {
  readonly entries: ReadonlyMap<number, Entry>;
  readonly isLittle: boolean;
  /** From where its places count. */
  readonly read: ReadPart;
}

/** The first directory of the TIFF structure. */
function findDirectory(readFile: ReadPart, format: ImageFormat): Directory | undefined {
  const start = finders[format]?.(readFile);
  if (start === undefined) return undefined;
  const read: ReadPart = (at, length) => readFile(start + at, length);
  const head = read(0, 8);
  if (head.length < 8) return undefined;
  const isLittle = viewOf(head).getUint16(0) === 0x4949; // "II"
  if (viewOf(head).getUint16(2, isLittle) !== 42) return undefined;
  return { entries: readDirectory(read, viewOf(head).getUint32(4, isLittle), isLittle), isLittle, read };
}

function readTags({ entries: first, isLittle, read }: Directory): Exif {
  const inner = first.get(exifDirectoryTag);
  const own = inner ? readDirectory(read, inner.value, isLittle) : new Map<number, Entry>();
  const [model, serial] = [textOf(read, first.get(modelTag)), textOf(read, own.get(serialTag))];
  const takenAt = secondsOf(textOf(read, own.get(timeTag)));
  return { ...(model && { model }), ...(serial && { serial }), ...(takenAt !== undefined && { takenAt }) };
}

interface Entry {
  readonly count: number;
  readonly value: number; // or where it lies
  readonly place: number; // of the value itself
  readonly isText: boolean;
}

/** A directory of more entries is damage. */
const maxEntries = 4096;

function readDirectory(read: ReadPart, at: number, isLittle: boolean): ReadonlyMap<number, Entry> {
  const entries = new Map<number, Entry>();
  const counted = read(at, 2);
  const count = counted.length < 2 ? 0 : viewOf(counted).getUint16(0, isLittle);
  const table = count > maxEntries ? new Uint8Array() : read(at + 2, 12 * count);
  const view = viewOf(table);
  for (let entry = 0; entry + 12 <= table.length; entry += 12) {
    entries.set(view.getUint16(entry, isLittle), {
      isText: view.getUint16(entry + 2, isLittle) === 2, // ASCII
      count: view.getUint32(entry + 4, isLittle),
      value: view.getUint32(entry + 8, isLittle),
      place: at + 2 + entry + 8,
    });
  }
  return entries;
}

/** A longer text is no name of a camera. */
const maxText = 256;

function textOf(read: ReadPart, entry: Entry | undefined): string | undefined {
  if (!entry?.isText || entry.count > maxText) return undefined;
  const bytes = read(entry.count > 4 ? entry.value : entry.place, entry.count);
  return latin(bytes).replace(/\0.*$/s, "").trim() || undefined;
}

/** Of `2026:11:25 12:30:05`; undefined for a clock that was not set, `0000:00:00 00:00:00` or blanks. */
function secondsOf(text: string | undefined): number | undefined {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text ?? "");
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]; // six groups
  return year === 0 || month === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
