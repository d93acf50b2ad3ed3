import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkWritable } from "./check-writable.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling-"));
  await writeFile(join(folder, "file"), "");
});
afterAll(() => rm(folder, { recursive: true }));

describe("whether files can be written", () => {
  it("leaves nothing behind where they can, and passes over those that are not wanted", async () => {
    await checkWritable(join(folder, "new.svg"), undefined, join(folder, "file"));
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it.each([
    ["missing/rates.svg", "does not exist: create it or choose another path"],
    ["file/rates.svg", "file is not a folder: choose another path"],
    [".", "a folder of that name exists"],
  ])("says why not: %s", async (path, reason) => {
    const checking = checkWritable(join(folder, "new.svg"), join(folder, path));
    await expect(checking).rejects.toThrow(InputError);
    await expect(checking).rejects.toThrow(reason);
  });
});
