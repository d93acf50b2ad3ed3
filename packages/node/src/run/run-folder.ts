/** The folder in which a run leaves its results: it appears whole or not at all. */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { InputError } from "@grayling/core";
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
  if (name === undefined) return join(folder, await nextName(folder, basename(resolve(dataset)) || "run"));
  if (name !== basename(name) || name === "" || name === "." || name === "..") {
    throw new InputError(`run name "${name}": expected a plain folder name; the folder of all runs is set with --out`);
  }
  const taken = await stat(join(folder, name)).catch(() => undefined);
  if (taken) throw new InputError(`run ${join(folder, name)}: exists already, choose another --name or remove it`);
  return join(folder, name);
}

async function nextName(folder: string, dataset: string): Promise<string> {
  const names = new Set(await readdir(folder));
  let number = 1;
  while (names.has(`${dataset}-${number}`)) number++;
  return `${dataset}-${number}`;
}

/** Writes all files of a run beside its place, then moves the folder there. */
export async function writeRunFolder(folder: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  const partial = join(folder, "..", `.${basename(folder)}.partial-${process.pid}`);
  try {
    await writing(partial, mkdir(partial, { recursive: true }));
    for (const [name, content] of files) await writeAtomically(join(partial, name), content);
    await writing(folder, rename(partial, folder));
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
