import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRowStore, rowBytes } from "./row-store.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling rows ä-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const size = { rows: 50, columns: 33 };
const row = (index: number) => Float32Array.from({ length: 33 }, (_, i) => index * 100 + i + 0.25);

describe.each([
  ["in memory", Infinity],
  ["on disk", 0],
])("rows %s", (where, budget) => {
  it("come back as they were written, in any order, and again", async () => {
    const store = await openRowStore({ ...size, budget, folder });
    for (let index = 49; index >= 0; index--) await store.write(index, row(index));
    for (const wanted of [[3], [49, 0, 7, 7], Array.from({ length: 50 }, (_, i) => (i * 17) % 50)]) {
      const read = await store.read(wanted);
      expect([...read]).toEqual(wanted.flatMap((index) => [...row(index)]));
      read.fill(0); // the caller may change what it was given
    }
    await store.close();
  });

  it(
    where === "on disk" ? "lie in a file of their size, which goes when the store is closed" : "leave no file",
    async () => {
      const store = await openRowStore({ ...size, budget, folder });
      await store.write(49, row(49));
      const files = await readdir(join(folder, "rows")).catch(() => []);
      expect(files).toHaveLength(where === "on disk" ? 1 : 0);
      await store.close();
      expect(await readdir(join(folder, "rows")).catch(() => [])).toEqual([]);
    },
  );
});

it("is told in one line where the file was cut short meanwhile", async () => {
  const store = await openRowStore({ ...size, budget: 0, folder });
  await store.write(49, row(49));
  const [name] = await readdir(join(folder, "rows"));
  await truncate(join(folder, "rows", name!), 100);
  await expect(store.read([40])).rejects.toThrow(
    "ended early; it was changed while it was read, run the command again",
  );
  await store.close();
});

it("removes what a killed process has left, and nothing else", async () => {
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const [left, alive, foreign] = [`${gone}-a.f32`, `${process.pid}-b.f32`, "notes.txt"];
  await mkdir(join(folder, "rows"));
  for (const name of [left, alive, foreign]) await writeFile(join(folder, "rows", name), "");
  const store = await openRowStore({ ...size, budget: 0, folder });
  await store.close();
  expect((await readdir(join(folder, "rows"))).sort()).toEqual([alive, foreign].sort());
});

it("counts four bytes a number", () => expect(rowBytes(size)).toBe(4 * 50 * 33));
