/** Finds the images below one folder, however deep. */
import type { Dirent } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { sniff, sniffedBytes } from "../images/image-format.js";
import type { SkippedFile } from "./dataset.js";
import { explainFileError } from "./explain-file-error.js";

export interface FoundImages {
  readonly images: readonly string[]; // relative to the folder, with "/", in byte order
  readonly skipped: readonly SkippedFile[];
  readonly ignored: number;
}

/** With these a file is taken for an image unseen; whether it is one turns out when it is decoded. */
const imageExtensions: ReadonlySet<string> = new Set(
  "png jpg jpeg jpe jfif webp tif tiff gif bmp dib dcm dicom".split(" "),
);

/** Folders that systems leave behind, full of thumbnails and forks that look like images. */
const systemFolders: ReadonlySet<string> = new Set(["__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information"]);

/** Whether a name is the system's or hidden, so that neither a file nor a folder of that name is looked at. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || systemFolders.has(name);
}

/**
 * Walks `folder`. Links are followed, but every real folder is entered once, so that no link can loop. Files with
 * another extension, or none, are known by their first bytes. What cannot be read is skipped with its reason.
 */
export async function findImages(folder: string): Promise<FoundImages> {
  const home = await realpath(folder).catch(() => folder); // the walk says why it cannot be
  const walk: Walk = { home, images: [], skipped: new Map(), ignored: 0, entered: new Set() };
  try {
    await walkFolder(walk, folder, "");
  } catch (error) {
    skip(walk, "", error);
  }
  const skipped = sortedByBytes([...walk.skipped.keys()]).map((path) => ({ path, reason: walk.skipped.get(path)! }));
  return { images: sortedByBytes(walk.images), skipped, ignored: walk.ignored };
}

/** Names in the order of their UTF-8 bytes, which is that of their code points, as Python sorts. */
export function sortedByBytes(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, key: Buffer.from(name) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ name }) => name);
}

interface Walk {
  readonly home: string; // the real path of the folder
  readonly images: string[];
  readonly skipped: Map<string, string>; // reason by path
  ignored: number;
  readonly entered: Set<string>; // real paths
}

async function walkFolder(walk: Walk, folder: string, prefix: string): Promise<void> {
  const real = await realpath(folder);
  if (walk.entered.has(real) || walk.home.startsWith(real + sep)) return; // seen, or a link out to the other classes
  walk.entered.add(real);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [path, relative] = [join(folder, entry.name), prefix + entry.name];
    try {
      const kind = isHidden(entry.name) ? "other" : await kindOf(entry, path);
      if (kind === "folder") await walkFolder(walk, path, `${relative}/`);
      else if (kind === "file") await sortIn(walk, path, relative);
      else walk.ignored++;
    } catch (error) {
      skip(walk, relative, error);
    }
  }
}

function skip(walk: Walk, relative: string, error: unknown): void {
  const reason = explainFileError(error);
  if (reason === undefined) throw error;
  walk.skipped.set(relative, reason);
}

async function kindOf(entry: Dirent, path: string): Promise<"file" | "folder" | "other"> {
  const what = entry.isSymbolicLink() ? await stat(path) : entry;
  return what.isDirectory() ? "folder" : what.isFile() ? "file" : "other";
}

async function sortIn(walk: Walk, path: string, relative: string): Promise<void> {
  const extension = /\.([^./]+)$/.exec(relative)?.[1]?.toLowerCase() ?? "";
  if (imageExtensions.has(extension)) {
    walk.images.push(relative);
    return;
  }
  const found = sniff(await firstBytes(path));
  if (found.kind === "image") walk.images.push(relative);
  else if (found.kind === "unsupported") {
    walk.skipped.set(relative, `${found.name} is not supported yet`);
  } else walk.ignored++;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
