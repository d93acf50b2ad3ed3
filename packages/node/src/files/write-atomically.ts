/** Files are written whole or not at all: who reads the path sees the old content or the new, never half of it. */

import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { moveIntoPlace } from "./move-into-place.js";
import { writeFailure } from "./write-failure.js";

/**
 * Writes a file by way of a temporary one in the same folder, which is removed if anything fails. Text is UTF-8. A
 * symbolic link at the path is replaced, not followed. Throws `InputError` if the folder is missing or not writable, or
 * the disk is full.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.grayling-${randomUUID()}.tmp`);
  try {
    await writeAndSync(temporary, content);
    await moveIntoPlace(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one to tell.
    throw writeFailure(path, cause);
  }
}

async function writeAndSync(path: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
