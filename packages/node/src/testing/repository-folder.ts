/** Where the repository lies, for tests that read fixtures: they run from `dist`, so the folder is found, not assumed. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The full path of something in the repository, e.g. `repositoryFolder("fixtures", "weights")`; it need not exist. */
export function repositoryFolder(...parts: readonly string[]): string {
  return join(rootAbove(dirname(fileURLToPath(import.meta.url))), ...parts);
}

/** The nearest folder upwards whose package.json lists workspaces. */
function rootAbove(folder: string): string {
  const manifest = join(folder, "package.json");
  if (existsSync(manifest) && readFileSync(manifest, "utf8").includes('"workspaces"')) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("internal: no package.json with workspaces above this test");
  return rootAbove(parent);
}
