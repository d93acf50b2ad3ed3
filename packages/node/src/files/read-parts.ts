/** Reads parts of a file, for what its head or its directories tell. */
import { closeSync, openSync, readSync } from "node:fs";

/** So many bytes from `at`, fewer at the end of the file. */
export type ReadPart = (at: number, length: number) => Uint8Array;

/** Opens the file while `use` reads in it. Throws the error of the file system. */
export function readParts<Result>(path: string, use: (read: ReadPart) => Result): Result {
  const file = openSync(path, "r");
  try {
    return use((at, length) => {
      if (!Number.isSafeInteger(at + length)) return new Uint8Array(); // no file is so long
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    });
  } finally {
    closeSync(file);
  }
}
