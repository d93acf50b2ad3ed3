import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { repositoryFolder } from "./repository-folder.js";
import { sharedFolder } from "./shared-folder.js";

it("finds the repository from the compiled test", () => {
  expect(existsSync(repositoryFolder("packages", "core", "package.json"))).toBe(true);
});

it("answers undefined for something that is not in the shared folder", () => {
  expect(sharedFolder("golden", "no-such-file")).toBeUndefined();
});

it("finds the recorded truth where the shared folder is there", (context) => {
  const path = sharedFolder("golden");
  if (path === undefined) return context.skip("no folder shared/golden beside the repository");
  expect(existsSync(path)).toBe(true);
});
