/** Lists a folder for a check: whatever is there, where training would refuse. */
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "@grayling/core";
import { explainFileError } from "../dataset/explain-file-error.js";
import { findImages, isHidden, sortedByBytes } from "../dataset/find-images.js";
import { listPages } from "../dataset/list-pages.js";
import { sideNames } from "../dataset/scan-folder.js";
import type { ListedFile } from "./inspected-file.js";

export interface ListedFolder {
  readonly root: string; // absolute
  readonly classes: readonly string[]; // in byte order; those without a picture among them
  readonly files: readonly ListedFile[];
  /** Files that are pictures by their name or first bytes, and cannot be read or are not supported. */
  readonly lost: readonly (ListedFile & { readonly reason: string })[];
  readonly ignored: number;
}

/**
 * The classes are the first-level folders, or those below `train/`, `val/`, `test/` where there are no others. Pictures
 * beside them belong to no class. A folder without classes is one heap of pictures.
 * Throws `InputError` when there is no such folder, or nothing in it that could be a picture.
 */
export async function listFiles(root: string): Promise<ListedFolder> {
  const absolute = resolve(root);
  const top = await foldersIn(absolute);
  const isSplit = top.includes("train") && top.every((name) => sideNames.has(name));
  const found = await findImages(absolute);
  if (found.images.length + found.skipped.length === 0) {
    const got = found.ignored === 0 ? "an empty folder" : `${found.ignored} files that are none`;
    throw new InputError(`check ${absolute}: expected pictures, got ${got}`);
  }
  const below = isSplit ? await Promise.all(top.map((name) => foldersIn(join(absolute, name)))) : [top];
  const classes = sortedByBytes([...new Set(below.flat())]);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const place = (relative: string): ListedFile => {
    const folders = relative.split("/").slice(0, -1);
    const split = isSplit ? (sideNames.get(folders[0] ?? "") ?? null) : null;
    const name = folders[split === null ? 0 : 1];
    return { path: join(absolute, relative), relative, label: labels.get(name ?? "") ?? null, split };
  };
  return {
    root: absolute,
    classes,
    files: await listPages(found.images.map(place)),
    lost: found.skipped.map(({ path, reason }) => ({ ...place(path), reason })),
    ignored: found.ignored,
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names: string[] = [];
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const what = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => entry) : entry;
      if (what.isDirectory()) names.push(entry.name);
    }
    return sortedByBytes(names);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const reason = code === "ENOTDIR" ? "expected a folder of pictures, got a file" : explainFileError(cause);
    if (code === "ENOENT") throw new InputError(`check ${folder}: no such folder`, { cause });
    throw reason === undefined ? cause : new InputError(`check ${folder}: ${reason}`, { cause });
  }
}
