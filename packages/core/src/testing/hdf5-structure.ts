/**
 * Where the numbers of an HDF5 file stand that steer its reader: addresses, sizes, counts, types.
 * Source: HDF5 File Format Specification 3.0, sections II to IV, for files with addresses and lengths of 8 bytes.
 */
import { hashLittle } from "./lookup3.js";
import { readInteger, writeInteger } from "./mutate.js";

export interface Hdf5Structure {
  readonly fields: readonly Hdf5Field[];
  /** Where structures begin: a field that is an address can be led to any. */
  readonly addresses: readonly number[];
  /** Bytes [start, end) with their checksum, 4 bytes, at `end`. */
  readonly seals: readonly (readonly [start: number, end: number])[];
}

export interface Hdf5Field {
  readonly at: number;
  readonly size: number; // bytes
}

/** Sizes of consecutive fields behind a signature of 4 bytes; an entry of a table is repeated. */
const layouts: Readonly<Record<string, { readonly head: readonly number[]; readonly entry: readonly number[] }>> = {
  TREE: { head: [1, 1, 2, 8, 8], entry: [8, 8] },
  HEAP: { head: [1, 1, 1, 1, 8, 8, 8], entry: [] },
  SNOD: { head: [1, 1, 2], entry: [8, 8, 4, 4, 8, 8] },
  GCOL: { head: [1, 1, 1, 1, 8], entry: [2, 2, 4, 8] },
};
/** Entries that are taken of a table: the first are in use. */
const entries = 6;

export function findStructure(bytes: Uint8Array): Hdf5Structure {
  const found = { fields: [] as Hdf5Field[], addresses: [] as number[], seals: [] as [number, number][] };
  addSuperblock(bytes, found);
  const text = String.fromCharCode(...bytes);
  for (const [signature, { head, entry }] of Object.entries(layouts)) {
    for (let at = text.indexOf(signature); at !== -1; at = text.indexOf(signature, at + 1)) {
      found.addresses.push(at);
      const sizes = [...head, ...Array.from({ length: entries }, () => entry).flat()];
      addFields(found.fields, at + 4, sizes);
      // A symbol leads to an object header of version 1, which has no signature.
      for (let n = 0; signature === "SNOD" && n < Number(readInteger(bytes, at + 6, 2)); n++)
        addOldHeader(bytes, Number(readInteger(bytes, at + 16 + 40 * n, 8)), found);
    }
  }
  for (let at = text.indexOf("OHDR"); at !== -1; at = text.indexOf("OHDR", at + 1)) addHeader(bytes, at, found);
  return found;
}

type Found = { fields: Hdf5Field[]; addresses: number[]; seals: [number, number][] };

function addFields(fields: Hdf5Field[], start: number, sizes: readonly number[]): void {
  let at = start;
  for (const size of sizes) {
    fields.push({ at, size });
    at += size;
  }
}

function addSuperblock(bytes: Uint8Array, found: Found): void {
  if (bytes[8]! < 2) {
    addFields(found.fields, 8, [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, 8, 8, 8, 8, 8, 8, 4, 4, 8, 8]);
    addOldHeader(bytes, Number(readInteger(bytes, 64, 8)), found);
  } else {
    addFields(found.fields, 8, [1, 1, 1, 1, 8, 8, 8, 8]);
    found.seals.push([0, 44]);
  }
}

/** Version 1: 16 bytes, then messages of type (2), size (2), flags (4) and body. */
function addOldHeader(bytes: Uint8Array, start: number, found: Found): void {
  found.addresses.push(start);
  addFields(found.fields, start, [1, 1, 2, 4, 4]);
  const messages = { first: start + 16, end: start + 16 + Number(readInteger(bytes, start + 8, 4)) };
  addMessages(bytes, messages, { type: 2, flags: 4 }, found);
}

/** Version 2: `OHDR`, version, flags; times and limits if the flags say so, size, then messages and a checksum. */
function addHeader(bytes: Uint8Array, start: number, found: Found): void {
  const flags = bytes[start + 5]!;
  const sizeBytes = 1 << (flags & 3);
  const sizeAt = start + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const first = sizeAt + sizeBytes;
  const end = first + Number(readInteger(bytes, sizeAt, sizeBytes));
  found.addresses.push(start);
  addFields(found.fields, start + 4, [1, 1]);
  found.fields.push({ at: sizeAt, size: sizeBytes });
  found.seals.push([start, end]);
  addMessages(bytes, { first, end }, { type: 1, flags: flags & 4 ? 3 : 1 }, found);
}

interface MessageSizes {
  readonly type: number;
  /** With what else stands between size and body. */
  readonly flags: number;
}

function addMessages(
  bytes: Uint8Array,
  { first, end }: { first: number; end: number },
  sizes: MessageSizes,
  found: Found,
) {
  const head = sizes.type + 2 + sizes.flags;
  for (let at = first; at + head <= end; ) {
    const type = Number(readInteger(bytes, at, sizes.type));
    const size = Number(readInteger(bytes, at + sizes.type, 2));
    const body = at + head;
    addFields(found.fields, at, [sizes.type, 2, 1]);
    addBody(found.fields, body, Math.min(size, end - body));
    if (type === 0x10) addContinuation(bytes, body, sizes, found);
    at = body + size;
  }
}

/** What a body means depends on its type, and its fields lie at any byte: every one is a field of some size. */
function addBody(fields: Hdf5Field[], start: number, size: number): void {
  for (let n = 0; n < size; n++) {
    const widths = [1, 2, 4, 8].filter((width) => n % Math.min(width, 4) === 0 && n + width <= size);
    for (const width of widths) fields.push({ at: start + n, size: width });
  }
}

/** More messages elsewhere: address and length; in version 2 between `OCHK` and a checksum. */
function addContinuation(bytes: Uint8Array, body: number, sizes: MessageSizes, found: Found): void {
  const [at, length] = [Number(readInteger(bytes, body, 8)), Number(readInteger(bytes, body + 8, 8))];
  if (at + length > bytes.length) return;
  found.addresses.push(at);
  if (sizes.type === 2) addMessages(bytes, { first: at, end: at + length }, sizes, found);
  else {
    found.seals.push([at, at + length - 4]);
    addMessages(bytes, { first: at + 4, end: at + length - 4 }, sizes, found);
  }
}

/** Makes the checksums right again, so that a change is not refused for them alone. */
export function seal(bytes: Uint8Array, { seals }: Hdf5Structure): void {
  for (const [start, end] of seals) writeInteger(bytes, end, 4, BigInt(hashLittle(bytes.subarray(start, end))));
}
