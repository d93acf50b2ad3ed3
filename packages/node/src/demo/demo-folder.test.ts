import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimFolder, nextRunNames } from "./demo-folder.js";

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "grayling claim-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const refusal = (root: string) =>
  claimFolder(root, 0).then(
    () => expect.fail("it was taken"),
    (error: Error) => error,
  );

it("makes a new folder, and knows it again with its seed", async () => {
  const root = join(parent, "deep", "a demo");
  expect(await claimFolder(root, 7)).toMatchObject({ root, images: join(root, "images"), earlierSeed: undefined });
  expect(await claimFolder(root, 8)).toMatchObject({ earlierSeed: 7 });
  expect(await claimFolder(root, 8)).toMatchObject({ earlierSeed: 8 });
});

it("takes a folder that holds nothing, or hidden files only", async () => {
  writeFileSync(join(parent, ".DS_Store"), "");
  expect((await claimFolder(parent, 0)).earlierSeed).toBeUndefined();
});

it.each([
  ["a file", () => writeFileSync(join(parent, "thesis.tex"), "")],
  ["a folder", () => mkdirSync(join(parent, "images"))],
  ["a demo.json of something else", () => writeFileSync(join(parent, "demo.json"), '{"madeBy": "me"}')],
  ["a demo.json that is none", () => writeFileSync(join(parent, "demo.json"), "{")],
])("refuses a folder with %s and changes nothing in it", async (_, fill) => {
  fill();
  const before = readdirSync(parent);
  const error = await refusal(parent);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/^demo folder .*: holds files that are not of a demo \(.*choose another with --out$/);
  expect(readdirSync(parent)).toEqual(before);
});

it("refuses a file", async () => {
  const path = join(parent, "file");
  writeFileSync(path, "");
  const error = await refusal(path);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("a file, expected a new or empty folder");
});

it("numbers the runs past all that are there", async () => {
  expect(await nextRunNames(join(parent, "runs"))).toEqual({ transferred: "transferred-1", random: "random-1" });
  mkdirSync(join(parent, "runs", "transferred-1"), { recursive: true });
  mkdirSync(join(parent, "runs", "random-2"));
  expect(await nextRunNames(join(parent, "runs"))).toEqual({ transferred: "transferred-3", random: "random-3" });
});
