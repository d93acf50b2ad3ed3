/** The folder in which a run leaves its results: it appears whole or not at all. */
import { randomUUID } from "node:crypto";
import { access, constants, mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import { moveIntoPlace } from "../files/move-into-place.js";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";

export interface RunFolderOptions {
  /** Folder of all runs; default `runs`. */
  readonly out?: string | undefined;
  /** Default: the dataset's name and the next free number. */
  readonly name?: string | undefined;
}

/** Where a run's files will lie. Throws `InputError` when the name is taken, no name, or the folder cannot be written. */
export async function planRunFolder(dataset: string, { out = "runs", name }: RunFolderOptions): Promise<string> {
  const folder = resolve(out);
  await writing(folder, mkdir(folder, { recursive: true }));
  const path = join(folder, name ?? (await nextName(folder, basename(resolve(dataset)) || "run")));
  if (name !== undefined && (name !== basename(name) || name === "" || name === "." || name === "..")) {
    throw new InputError(`run name "${name}": expected a plain folder name; the folder of all runs is set with --out`);
  }
  if (await writing(path, exists(path))) {
    throw new InputError(`run ${path}: exists already, choose another --name or remove it`);
  }
  await writing(path, access(folder, constants.W_OK));
  return path;
}

/** Plans a run folder and writes it; a number that another process takes meanwhile is left to it. Returns the folder. */
export async function writeNewRunFolder(
  dataset: string,
  options: RunFolderOptions,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<string> {
  for (;;) {
    const folder = await planRunFolder(dataset, options);
    try {
      await writeRunFolder(folder, files);
      return folder;
    } catch (error) {
      if (options.name !== undefined || !(await exists(folder))) throw error;
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

async function nextName(folder: string, dataset: string): Promise<string> {
  const names = new Set(await readdir(folder));
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
