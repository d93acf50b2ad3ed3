/** The md5 of a file: what Keras publishes to tell a whole weight file from a damaged one. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { InputError } from "@grayling/core";

/**
 * 32 hexadecimal digits, lower case; undefined if there is no such file. Reads it in pieces, so its size is no matter.
 * Throws `InputError` if it cannot be read.
 */
export async function md5OfFile(path: string): Promise<string | undefined> {
  const hash = createHash("md5");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new InputError(`${path}: cannot be read (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
  return hash.digest("hex");
}
