/**
 * Reads files and decodes those that are wanted, to pictures or to planes: two steps, for a file whose content is known
 * needs no decoding.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Decoding } from "../images/decode.js";
import { type DecodePlain, loadPlainDecoder, type PlainPicture } from "../images/decode-plain.js";
import { explainFileError } from "./explain-file-error.js";
import { createPlaneStep, type MadePlane, type WantedPages } from "./make-planes.js";

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
  /**
   * Decodes the files wanted and makes the planes of their pages, into those of `spare` as far as they go; bytes where
   * another decoder is needed. Only of a reader that was given a decoding.
   */
  makePlanes(
    wanted: readonly WantedPages[],
    spare?: Float32Array[],
  ): Promise<readonly (readonly MadePlane[] | Uint8Array)[]>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** A picture that claims more is left to others; default `defaultMaxPixels`. */
  readonly maxPixels?: number | undefined;
  /** How planes are made; default: they are not. */
  readonly decoding?: Decoding | undefined;
  /** Whether sharp, which `loadSharp` has set up, decodes what it is faster at; default: it does not. */
  readonly mayUseSharp?: (() => boolean) | undefined;
}

/** Blocks its thread: reading file by file takes a tenth of the processor that Node's asynchronous calls do. */
export async function createFileReader(options: ReaderOptions = {}): Promise<FileReader> {
  const decodePlain = await loadPlainDecoder(options.maxPixels);
  const makePlanes = createPlaneStep(decodePlain, options);
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
    decode: async (wanted) => upTo(bytesAtOnce, wanted, (index) => decodeHeld(take(held, index), decodePlain)),
    makePlanes: (wanted, spare = []) => makePlanes((index) => take(held, index), wanted, spare),
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

function take(held: (Uint8Array | undefined)[], index: number): Uint8Array {
  const bytes = held[index];
  if (!bytes) throw new Error(`internal: file ${index} is not held`);
  held[index] = undefined;
  return bytes;
}

function decodeHeld(bytes: Uint8Array, decodePlain: DecodePlain) {
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
