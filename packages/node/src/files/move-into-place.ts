/** The last step of every atomic write: a finished file takes its name, at once or not at all. */

import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** On Windows a virus scanner or an indexer holds a new file open for a moment, and renaming then fails. */
const waitsMs = [10, 50, 200, 500];
const passing = new Set(["EPERM", "EACCES", "EBUSY"]);

/**
 * Renames a closed and synced file to a path in the same folder, replacing what is there, and makes the new name survive
 * a power failure where the system can. Throws the system's error.
 */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  for (const waitMs of [...waitsMs, undefined]) {
    try {
      await rename(temporary, path);
      break;
    } catch (error) {
      if (waitMs === undefined || process.platform !== "win32" || !isPassing(error)) throw error;
      await sleep(waitMs);
    }
  }
  await syncFolder(dirname(path));
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && passing.has(String(error.code));
}

/** Windows cannot open a folder, and some network file systems refuse to sync one: the file itself is whole either way. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // See above: there is nothing better to do, and nothing is lost unless the power fails in the next seconds.
  }
}
