/** The recorded truth and the large weight files, which lie in `shared` beside the repository and are not part of it. */

import { existsSync } from "node:fs";
import { repositoryFolder } from "./repository-folder.js";

/**
 * The full path of something in `shared`, e.g. `sharedFolder("golden", "fold.json")`, or undefined where it is absent:
 * the test then skips itself with a reason.
 */
export function sharedFolder(...parts: readonly string[]): string | undefined {
  const path = repositoryFolder("..", "shared", ...parts);
  return existsSync(path) ? path : undefined;
}
