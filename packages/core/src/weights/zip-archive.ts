/** Reads zip files as a stranger's: nothing is unpacked before the whole directory is found sound, and little at a time. */
import { Inflate } from "fflate";
import { WeightsError } from "../errors.js";
import { crc32 } from "./crc32.js";
import { quoted } from "./quoted.js";
import { encodeUtf8 } from "./utf8.js";
import { readZipDirectory, type ZipEntry } from "./zip-directory.js";

export interface ZipLimits {
  /** Default 10,000. A `.keras` has three, and its assets. */
  readonly entries?: number;
  /** bytes of all entries after unpacking. Default 4 GiB: the largest network with its optimizer has 1.5. */
  readonly totalBytes?: number;
  /** Bytes after unpacking per byte in the file. Default 100. Keras does not pack, and trained weights hardly shrink. */
  readonly ratio?: number;
}

const storedMethod = 0;
const deflatedMethod = 8;
const localSignature = 0x04034b50;
const localBytes = 30;
/** Flags of a header. */
const [encrypted, sizesBehind] = [1, 1 << 3];
/** bytes given to fflate at once: at most 1032 times as many come out before we look. */
const inputBytes = 1 << 16;

/**
 * The contents of the entries named in `wanted`, by name; one that the archive lacks is absent from the result.
 * A stored entry shares the memory of `bytes`.
 * Throws `WeightsError` for an archive with a name twice or outside of it, overlapping, encrypted or cut-off entries, a
 * method other than "stored" and "deflated", sizes that lie, a wrong checksum, or more than `limits`.
 */
export function readZip(
  bytes: Uint8Array,
  wanted: readonly string[],
  { entries: maximumEntries = 10_000, totalBytes = 2 ** 32, ratio = 100 }: ZipLimits = {},
): ReadonlyMap<string, Uint8Array> {
  const { entries, directoryStart } = readZipDirectory(bytes, maximumEntries);
  const names = new Set<string>();
  for (const entry of entries) {
    if (names.has(entry.name)) throw invalid(entry.name, "occurs twice, expected it once");
    names.add(entry.name);
    requireSizes(entry, ratio);
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (!(total <= totalBytes)) throw new WeightsError(`zip: ${total} bytes unpacked, expected at most ${totalBytes}`);
  const packed = locate(bytes, entries, directoryStart);
  return new Map(
    entries
      .filter(({ name }) => wanted.includes(name))
      .map((entry) => [entry.name, unpack(entry, packed.get(entry.name)!)]),
  );
}

function requireSizes({ name, method, size, packedSize }: ZipEntry, ratio: number): void {
  if (method !== storedMethod && method !== deflatedMethod) {
    throw invalid(name, `packed by method ${method}, expected 0 (stored) or 8 (deflated)`);
  }
  if (method === storedMethod && size !== packedSize) {
    throw invalid(name, `stored, but of two sizes, ${packedSize} and ${size} bytes`);
  }
  if (size > packedSize * ratio) {
    throw invalid(name, `${size} bytes packed in ${packedSize}, expected at most ${ratio} times as many: a zip bomb?`);
  }
}

/** The packed bytes of each entry. Entries must follow each other, each with a header that agrees with the directory. */
function locate(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
  directoryStart: number,
): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = new Map<string, Uint8Array>();
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.start - b.start)) {
    const { name, start, packedSize } = entry;
    if (start < end) throw invalid(name, "overlaps another entry");
    if (start + localBytes > directoryStart || view.getUint32(start, true) !== localSignature) {
      throw invalid(name, `expected its header at byte ${start}`);
    }
    const dataStart = start + localBytes + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    end = dataStart + packedSize;
    if (!(end <= directoryStart)) throw invalid(name, `${packedSize} bytes long, which is more than there are`);
    requireSameHeader(bytes, view, entry);
    packed.set(name, bytes.subarray(dataStart, end));
  }
  return packed;
}

/** Some programs believe the directory and others the header: they must not see two different archives. */
function requireSameHeader(bytes: Uint8Array, view: DataView, entry: ZipEntry): void {
  const { start, method, size, packedSize } = entry;
  const name = encodeUtf8(entry.name);
  const flags = view.getUint16(start + 6, true);
  // A writer that cannot go back tells zero and the sizes behind the data; zip64 tells them elsewhere.
  const isTold = (told: number, real: number) =>
    told === real || told === 0xffff_ffff || (told === 0 && (flags & sizesBehind) !== 0);
  const isSame =
    view.getUint16(start + 26, true) === name.length &&
    name.every((byte, i) => bytes[start + localBytes + i] === byte) &&
    (flags & encrypted) === 0 &&
    view.getUint16(start + 8, true) === method &&
    isTold(view.getUint32(start + 18, true), packedSize) &&
    isTold(view.getUint32(start + 22, true), size);
  if (!isSame) throw invalid(entry.name, "its header tells something else than the directory");
}

function unpack({ name, method, size, crc32: expected }: ZipEntry, packed: Uint8Array): Uint8Array {
  const content = method === storedMethod ? packed : inflate(name, packed, size);
  if (crc32(content) !== expected) throw invalid(name, "the checksum (CRC-32) is wrong: the file is damaged");
  return content;
}

function inflate(name: string, packed: Uint8Array, size: number): Uint8Array {
  const content = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    if (length + chunk.length > size) throw invalid(name, `more than the ${size} bytes that the directory tells`);
    content.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length; at += inputBytes) {
      stream.push(packed.subarray(at, at + inputBytes), at + inputBytes >= packed.length);
    }
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw new WeightsError(`zip: ${quoted(name)}: damaged: ${(cause as Error).message}`, { cause });
  }
  if (length !== size) throw invalid(name, `${length} bytes, the directory tells ${size}`);
  return content;
}

const invalid = (name: string, message: string): WeightsError => new WeightsError(`zip: ${quoted(name)}: ${message}`);
