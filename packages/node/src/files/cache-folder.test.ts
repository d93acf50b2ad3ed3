import { expect, it } from "vitest";
import { cacheFolder } from "./cache-folder.js";

it.each([
  [{}, "linux", "/home/ada", "/home/ada/.cache/grayling"],
  [{ XDG_CACHE_HOME: "/var/cache" }, "linux", "/home/ada", "/var/cache/grayling"],
  [{ XDG_CACHE_HOME: "" }, "linux", "/home/ada", "/home/ada/.cache/grayling"],
  [{ XDG_CACHE_HOME: "relative" }, "linux", "/home/ada", "/home/ada/.cache/grayling"],
  [{}, "darwin", "/Users/ada", "/Users/ada/Library/Caches/grayling"],
  [{ XDG_CACHE_HOME: "/var/cache" }, "darwin", "/Users/ada", "/var/cache/grayling"],
  [{ LOCALAPPDATA: "D:\\Local" }, "win32", "C:\\Users\\ada", "D:\\Local\\grayling\\Cache"],
  [{}, "win32", "C:\\Users\\ada", "C:\\Users\\ada\\AppData\\Local\\grayling\\Cache"],
] as const)("with %j on %s for %s it is %s", (environment, platform, home, expected) => {
  expect(cacheFolder(environment, platform, home)).toBe(expected);
});
