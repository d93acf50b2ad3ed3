import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openUnfinished, readUnfinished } from "./unfinished-run.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling unfinished é-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const quiet = { onSaved: () => {}, onDamaged: () => {} };
const open = (epochs: number) => openUnfinished(join(folder, "run"), { root: "/images", settings: { epochs } }, quiet);

it("tells how it was begun, and where its run will lie", async () => {
  const run = await open(3);
  expect(await readUnfinished(run.folder)).toEqual({
    root: "/images",
    settings: { epochs: 3, out: folder, name: "run" },
  });
});

it("keeps how a training with a checkpoint was begun, whatever is begun in its place", async () => {
  const run = await open(3);
  await writeFile(join(run.folder, "checkpoint-000000001.safetensors"), "");
  await (await open(5)).removeIfEmpty();
  expect((await readUnfinished(run.folder)).settings).toMatchObject({ epochs: 3 });
});

it("forgets one that has saved nothing", async () => {
  await open(3);
  const run = await open(5);
  expect((await readUnfinished(run.folder)).settings).toMatchObject({ epochs: 5 });
  await run.removeIfEmpty();
  expect(await readdir(folder)).toEqual([]);
});

it("is no other folder, and no folder of another name", async () => {
  await expect(readUnfinished(folder)).rejects.toThrow("no training.json in it (ENOENT)");
  const other = join(folder, "renamed");
  await mkdir(other);
  await writeFile(join(other, "training.json"), JSON.stringify({ root: "/images", settings: {} }));
  await expect(readUnfinished(other)).rejects.toThrow("must end in .unfinished");
  await writeFile(join(other, "training.json"), "{");
  await expect(readUnfinished(other)).rejects.toThrow(InputError);
});
