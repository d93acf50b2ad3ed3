/**
 * The unfinished file of a download, owned by one download at a time.
 *
 * While it is written its name holds the machine and the process (`model.h5.lab3-4711-c0ffee00.part`), so two downloads never
 * write into the same file. One that was given up is taken over by renaming it to the taker's name: the system lets exactly
 * one rename succeed. That needs no lock, and so no lock can be left behind.
 */

import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Whether a process of another machine still runs cannot be asked; a download that lives writes more often than this. */
const abandonedAfterMs = 60 * 60 * 1000;

/** The path of a part that is ours alone. It exists if an earlier download left one, which is then to be continued. */
export async function claimPart(to: string): Promise<string> {
  const ours = `${to}.${machine()}-${process.pid}-${randomBytes(4).toString("hex")}.part`;
  for (const abandoned of await abandonedParts(to)) {
    try {
      await rename(abandoned, ours);
      return ours;
    } catch {
      // Another download was faster, or has it open (Windows): look for the next, or begin a new one.
    }
  }
  return ours;
}

/** Leaves a part for a later download to continue. */
export async function releasePart(part: string, to: string): Promise<void> {
  try {
    await rename(part, `${to}.part`);
  } catch {
    await rm(part, { force: true }).catch(() => undefined); // It never existed, or cannot be kept.
  }
}

/** Clears away what nobody needs once the whole file is there. */
export async function removeAbandonedParts(to: string): Promise<void> {
  for (const part of await abandonedParts(to)) await rm(part, { force: true }).catch(() => undefined);
}

/** Parts that no process is writing: `<to>.part`, and those whose process is gone. */
async function abandonedParts(to: string): Promise<string[]> {
  const prefix = `${basename(to)}.`;
  const names = (await readdir(dirname(to))).filter((name) => name.startsWith(prefix));
  const parts: string[] = [];
  for (const name of names) {
    const path = join(dirname(to), name);
    if (await isAbandoned(path, name.slice(prefix.length))) parts.push(path);
  }
  return parts;
}

async function isAbandoned(path: string, suffix: string): Promise<boolean> {
  if (suffix === "part") return true;
  const owner = /^(.+)-(\d+)-[0-9a-f]{8}\.part$/.exec(suffix);
  if (owner === null) return false;
  if (owner[1] === machine()) return !isRunning(Number(owner[2]));
  const changedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  return Date.now() - changedMs > abandonedAfterMs;
}

/** The host's name, as far as a file name can hold it. */
function machine(): string {
  return hostname().replace(/[^A-Za-z0-9-]/g, "-");
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0); // Signal 0 only asks.
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // It runs, but is not ours.
  }
}
