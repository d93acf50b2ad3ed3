/** Which camera took a picture, and when, from Exif in JPEG, PNG and TIFF. Source: Exif 2.32, §4.6; PNG 3, §11.3.4.5 (eXIf). */
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
  const start =
    format === "tiff" ? 0 : format === "jpeg" ? findInJpeg(read) : format === "png" ? findInPng(read) : undefined;
  return start === undefined ? {} : readTags((at, length) => read(start + at, length));
}

/** More segments or chunks are not gone through. */
const mostParts = 64;

const startOfScan = 0xda;
const exifSegment = 0xe1;

/** Where the TIFF structure of its Exif begins. */
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

const modelTag = 0x0110;
const exifDirectoryTag = 0x8769;
const timeTag = 0x9003; // DateTimeOriginal
const serialTag = 0xa431; // BodySerialNumber

function readTags(read: ReadPart): Exif {
  const head = read(0, 8);
  if (head.length < 8) return {};
  const isLittle = viewOf(head).getUint16(0) === 0x4949; // "II"
  if (viewOf(head).getUint16(2, isLittle) !== 42) return {};
  const first = readDirectory(read, viewOf(head).getUint32(4, isLittle), isLittle);
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
