import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, readSafetensors } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ActivationCache, type CacheType } from "./activation-cache.js";

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "grayling activations ÿ-"));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const columns = 1000;
const open = (type: CacheType = "float32", key = "key") => ActivationCache.open(cache, key, { columns, type });
const row = (index: number) => Float32Array.from({ length: columns }, (_, i) => Math.fround((index - 3) * 0.1 + i / 7));
const name = (index: number) => `hash-${index}`;
const folder = async () => join(cache, "activations", (await readdir(join(cache, "activations")))[0]!);
const paths = async () => (await readdir(await folder())).map(async (file) => join(await folder(), file));

async function fill(type: CacheType, rows: number): Promise<void> {
  const opened = await open(type);
  for (let index = 0; index < rows; index++) await opened.add(name(index), row(index));
  await opened.save();
}

it.each(["float32", "float16"] as const)(
  "gives rows of %s back in any order, before and after they are written",
  async (type) => {
    const first = await open(type);
    for (let index = 0; index < 20; index++) await first.add(name(index), row(index));
    const wanted = [7, 0, 19, 7];
    const expected = Float32Array.from(wanted.flatMap((index) => [...first.rounded(row(index))]));
    expect(await first.read(wanted.map(name))).toEqual(expected);
    await first.save();
    expect(await first.read(wanted.map(name))).toEqual(expected);
    const again = await open(type);
    expect(await again.read(wanted.map(name))).toEqual(expected);
    expect([again.has(name(19)), again.has(name(20))]).toEqual([true, false]);
    if (type === "float32") expect(expected.subarray(0, columns)).toEqual(row(7));
    const [path] = await Promise.all(await paths());
    expect(readSafetensors(await readFile(path!)).tensors.get("activations")?.shape).toEqual([20, columns]);
  },
);

it("streams to several files, of which each row is read alone", async () => {
  const rows = 9000; // 36 MB
  await fill("float32", rows);
  expect(await readdir(await folder())).toHaveLength(2);
  const again = await open();
  expect(await again.read([name(8999), name(0)])).toEqual(Float32Array.of(...row(8999), ...row(0)));
});

it("computes again what is damaged, and says so where it is gone while it is read", async () => {
  await fill("float16", 3);
  const opened = await open("float16");
  const [path] = await Promise.all(await paths());
  const bytes = await readFile(path!);
  for (const damage of [bytes.subarray(0, bytes.length - 1), Buffer.alloc(0), Buffer.from("garbage, of some length")]) {
    await writeFile(path!, damage);
    expect((await open("float16")).has(name(0))).toBe(false);
  }
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path!, bytes);
  expect((await open("float16")).has(name(0))).toBe(false);
  const error: Error = await opened.read([name(1)]).then(
    () => new Error("no error"),
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/was removed or changed while it was read; run the command again$/);
});

it("keeps keys and types apart, and forgets what no training has used for a month", async () => {
  await fill("float32", 1);
  expect((await open("float16")).has(name(0))).toBe(false);
  expect((await open("float32", "other")).has(name(0))).toBe(false);
  const then = new Date(Date.now() - 31 * 24 * 3600_000);
  for (const one of await readdir(join(cache, "activations")))
    await utimes(join(cache, "activations", one), then, then);
  expect((await open("float32")).has(name(0))).toBe(true);
  expect(await readdir(join(cache, "activations"))).toEqual(["key-float32"]);
});
