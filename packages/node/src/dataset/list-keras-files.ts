/** Lists the files below a folder of classes as Keras walks them. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Every file below every folder in `root`, hidden ones too, as "class/…" with "/". Links to files count, links to
 * folders are classes but are not entered further down: `os.walk`, as both loaders call it, does not follow them.
 */
export async function listKerasFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string, prefix: string, isClass: boolean): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const [path, relative] = [join(folder, entry.name), prefix + entry.name];
      if (await isFolder(entry, path)) {
        if (isClass || !entry.isSymbolicLink()) await walk(path, `${relative}/`, false);
      } else if (!isClass) files.push(relative);
    }
  };
  await walk(root, "", true);
  return files;
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}
