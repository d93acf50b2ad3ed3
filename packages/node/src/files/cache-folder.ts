/** Where downloaded weights and computed features are kept between runs. */

import { posix, win32 } from "node:path";

/**
 * The folder for files that can be had again: `$XDG_CACHE_HOME/grayling` if set, else the system's own place for such
 * files. It is not created.
 *
 * Source: XDG Base Directory Specification 0.8 (a relative path there is to be ignored).
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string {
  const { isAbsolute, join } = platform === "win32" ? win32 : posix;
  const xdg = environment["XDG_CACHE_HOME"];
  if (xdg && isAbsolute(xdg)) return join(xdg, "grayling");
  if (platform === "darwin") return join(home, "Library", "Caches", "grayling");
  if (platform === "win32") {
    return join(environment["LOCALAPPDATA"] || join(home, "AppData", "Local"), "grayling", "Cache");
  }
  return join(home, ".cache", "grayling");
}
