/** Lookup tables of DICOM: palettes, and modality tables. Source: DICOM PS3.3 C.7.6.3.1.5, C.7.6.3.1.6, C.11.1.1.1. */
import { InputError } from "@grayling/core";
import type { Attributes } from "./dicom-dataset.js";

export interface LookupTable {
  /** The stored value of the first entry; values below get it, values above the last get the last. */
  readonly first: number;
  readonly entries: Uint16Array;
  readonly bits: number; // of an entry
}

/** Throws `InputError` for a table that is missing or shorter than it says. */
export function readLookupTable(
  attributes: Attributes,
  descriptorTag: string,
  dataTag: string,
  isSigned: boolean,
): LookupTable {
  const [count = 0, first = 0, bits = 16] = attributes.words(descriptorTag) ?? [];
  const data = attributes.words(dataTag);
  if (!data || bits < 1 || bits > 16) throw new InputError("damaged DICOM: a lookup table is missing or no table");
  const entries = readEntries(data, count === 0 ? 2 ** 16 : count, bits);
  return {
    first: isSigned ? (first << 16) >> 16 : first,
    entries,
    bits: entries.some((entry) => entry >= 2 ** bits) ? 16 : bits, // some writers say 8 and use 16
  };
}

function readEntries(data: Uint16Array, length: number, bits: number): Uint16Array {
  if (data.length >= length) return data.subarray(0, length);
  if (bits > 8 || 2 * data.length < length) {
    throw new InputError(`truncated DICOM: a lookup table of ${length} entries in ${2 * data.length} bytes`);
  }
  // Entries of 8 bits, two to a word, the first in the lower half.
  return Uint16Array.from({ length }, (_, i) => (i % 2 === 0 ? data[i >> 1]! & 255 : data[i >> 1]! >> 8));
}

/** The entry of a stored value. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  return entries[Math.min(Math.max(value - first, 0), entries.length - 1)]!;
}
