/** Reads files and decodes those that are wanted: two steps, for a file whose content is known needs no decoding. */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type DecodePlain, loadPlainDecoder, type PlainPicture } from "../images/decode-plain.js";
import { explainFileError } from "./explain-file-error.js";

/** A larger file is refused: it would have to be in memory whole. Node itself stops at 2 GiB. */
export const maxFileBytes = 2 ** 30;

/** Files are read until they have so many bytes, and decoded until the pictures have: at least one in each step. */
const bytesAtOnce = 2 ** 22;

export type ReadFile =
  /** SHA-256 of the bytes, hexadecimal. */
  { readonly hash: string } | { readonly reason: string };

export interface FileReader {
  /** Reads the first of the files, one or more; they are held until the next call. */
  read(paths: readonly string[]): Promise<readonly ReadFile[]>;
  /** Decodes the first of those wanted, one or more, by index into what was read; bytes where sharp is needed. */
  decode(wanted: readonly number[]): Promise<readonly (PlainPicture | Uint8Array)[]>;
  close(): Promise<void>;
}

/** Blocks its thread: reading file by file takes a tenth of the processor that Node's asynchronous calls do. */
export async function createFileReader(maxPixels?: number): Promise<FileReader> {
  const decodePlain = await loadPlainDecoder(maxPixels);
  let held: (Uint8Array | undefined)[] = [];
  return {
    read: async (paths) => {
      held = [];
      return upTo(bytesAtOnce, paths, (path) => {
        const { bytes, ...file } = readWhole(path);
        held.push(bytes);
        return { result: file, bytes: bytes?.length ?? 0 };
      });
    },
    decode: async (wanted) => upTo(bytesAtOnce, wanted, (index) => decodeHeld(held, index, decodePlain)),
    close: async () => {},
  };
}

/** Works on the items until the results have `limit` bytes together. */
function upTo<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => { readonly result: Result; readonly bytes: number },
): readonly Result[] {
  const results: Result[] = [];
  for (let total = 0; results.length < items.length && total < limit; ) {
    const { result, bytes } = work(items[results.length]!);
    results.push(result);
    total += bytes;
  }
  return results;
}

function decodeHeld(held: (Uint8Array | undefined)[], index: number, decodePlain: DecodePlain) {
  const bytes = held[index];
  if (!bytes) throw new Error(`internal: file ${index} is not held`);
  held[index] = undefined;
  const picture = decodePlain(bytes);
  return { result: picture ?? bytes, bytes: picture?.pixels.data.byteLength ?? bytes.length };
}

function readWhole(path: string): ReadFile & { readonly bytes?: Uint8Array } {
  try {
    const bytes = readBytes(path);
    if (typeof bytes === "string") return { reason: bytes };
    return { bytes, hash: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    const reason = explainFileError(error);
    if (reason === undefined) throw error;
    return { reason };
  }
}

/** The reason, if it is too large. Bytes of their own, so that they can change threads. */
function readBytes(path: string): Uint8Array | string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > maxFileBytes) return `a file of ${size} bytes, limit ${maxFileBytes}`;
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let count = -1; count !== 0 && length < size; length += count) {
      count = readSync(file, bytes, length, size - length, length);
    }
    return length === size ? bytes : bytes.slice(0, length); // cut meanwhile
  } finally {
    closeSync(file);
  }
}
