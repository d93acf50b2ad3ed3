/** The folder in which a run leaves its results: it appears whole or not at all. */
import { randomUUID } from "node:crypto";
import { access, constants, mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import { moveIntoPlace } from "../files/move-into-place.js";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";
import { type LockHolder, lockRun, type RunLock } from "./run-lock.js";

export interface RunFolderOptions {
  /** Folder of all runs; default `runs`. */
  readonly out?: string | undefined;
  /** Default: the dataset's name and the next free number. */
  readonly name?: string | undefined;
}

/** The place of a run that no other training works in. Release it, whatever comes. */
export interface ClaimedRun extends RunLock {
  readonly folder: string;
}

/**
 * Claims where a run's files will lie. Throws `InputError` when the name is taken, or another training works on it; for a name that is no
 * name, and a folder that cannot be written. A number that another training has is left to it.
 */
export async function claimRun(dataset: string, options: RunFolderOptions): Promise<ClaimedRun> {
  const taken = new Set<string>();
  for (;;) {
    const folder = await planRunFolder(dataset, options, taken);
    const lock = await lockRun(folder);
    if ("path" in lock) {
      if (options.name !== undefined) throw busy(folder, lock);
      taken.add(basename(folder));
    } else if (await exists(folder)) {
      await lock.release(); // it was written since it was planned
    } else return { folder, release: () => lock.release() };
  }
}

/** Claims the place of a run that is gone on with. Throws `InputError` where another training works on it. */
export async function claimAgain(folder: string): Promise<ClaimedRun> {
  const lock = await lockRun(folder);
  if ("path" in lock) throw busy(folder, lock);
  return { folder, release: () => lock.release() };
}

function busy(folder: string, { pid, host, since, path }: LockHolder): InputError {
  const who = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  return new InputError(
    `run ${folder}: another training is working on it (${who}, since ${since}); wait for it, or choose another --name (if it is gone, remove ${path})`,
  );
}

/** Where a run's files will lie; of numbers that are not `taken`. Throws as `claimRun`. */
export async function planRunFolder(
  dataset: string,
  { out = "runs", name }: RunFolderOptions,
  taken: ReadonlySet<string> = new Set(),
): Promise<string> {
  const folder = resolve(out);
  await writing(folder, mkdir(folder, { recursive: true }));
  const path = join(folder, name ?? (await nextName(folder, basename(resolve(dataset)) || "run", taken)));
  if (name !== undefined && (name !== basename(name) || name === "" || name === "." || name === "..")) {
    throw new InputError(`run name "${name}": expected a plain folder name; the folder of all runs is set with --out`);
  }
  if (await writing(path, exists(path))) {
    throw new InputError(`run ${path}: exists already, choose another --name or remove it`);
  }
  await writing(path, access(folder, constants.W_OK));
  return path;
}

/**
 * Writes a run to the place that was claimed for it, or, where something lies there by now, beside it under a number: what was
 * computed for hours is not lost for a name. `onPlace` is told of each place before it is tried. Returns the folder.
 */
export async function writeNewRunFolder(
  claimed: string,
  files: ReadonlyMap<string, Uint8Array | string>,
  onPlace: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  for (let number = 2, folder = claimed; ; folder = `${claimed}-${number++}`) {
    if (await exists(folder)) continue;
    await onPlace(folder);
    try {
      await writeRunFolder(folder, files);
      return folder;
    } catch (error) {
      if (!(await exists(folder))) throw error;
    }
  }
}

/** The folder beside a run's own in which a training that is not done lies, so that it can go on. */
export const unfinishedName = (run: string): string => `${run}.unfinished`;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? false : Promise.reject(error)),
  );
}

async function nextName(folder: string, dataset: string, taken: ReadonlySet<string>): Promise<string> {
  const names = new Set([...(await readdir(folder)), ...taken]);
  let number = 1;
  while ([`${dataset}-${number}`, unfinishedName(`${dataset}-${number}`)].some((name) => names.has(name))) number++;
  return `${dataset}-${number}`;
}

/** Writes all files of a run beside its place, then moves the folder there. */
export async function writeRunFolder(folder: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  // A name of its own: what a killed process has left is never continued.
  const partial = join(dirname(folder), `.grayling-${randomUUID()}.partial`);
  try {
    await writing(folder, mkdir(partial, { recursive: true }));
    for (const [name, content] of files) await writeAtomically(join(partial, name), content);
    await writing(folder, moveIntoPlace(partial, folder));
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
