import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, SeededRandom, writeSafetensors } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FeatureCache } from "./feature-cache.js";

const columns = 5;
const key = createHash("sha256").update("one trunk").digest("hex");
const random = new SeededRandom(0);

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "grayling cache ü-"));
});

afterEach(() => rm(cache, { recursive: true, force: true }));

const open = (of = key) => FeatureCache.open(cache, of, columns);
const hashOf = (i: number) => createHash("sha256").update(`image ${i}`).digest("hex");
const makeRows = (count: number) =>
  Array.from({ length: count }, () => Float32Array.from({ length: columns }, () => random.normal()));

/** The chunks of the one trunk that the cache holds. */
async function chunkPaths(): Promise<string[]> {
  const [trunk] = await readdir(join(cache, "features"));
  const folder = join(cache, "features", trunk!);
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

async function fill(rows: readonly Float32Array[]): Promise<void> {
  const filled = await open();
  for (const [i, row] of rows.entries()) await filled.add(hashOf(i), row);
  await filled.save();
}

describe("a feature cache", () => {
  it("gives back every value to the bit, before it is saved and when it is opened again", async () => {
    const rows = makeRows(600); // two full chunks and the beginning of a third
    const first = await open();
    for (const [i, row] of rows.entries()) await first.add(hashOf(i), row);
    for (const [i, row] of rows.entries()) expect(await first.get(hashOf(i))).toEqual(row);
    await first.save();
    const again = await open();
    expect(again.damaged).toBe(0);
    for (const i of [599, 0, 255, 256, 300, 511, 512, 1]) expect(await again.get(hashOf(i))).toEqual(rows[i]);
    expect(again.has(hashOf(599))).toBe(true);
    expect(again.has(hashOf(600))).toBe(false);
    expect(await again.get(hashOf(600))).toBeUndefined();
  });

  it("keeps the rows of an image's tiles together, as many as it has", async () => {
    const counts = [1, 3, 250, 2, 256, 1, 6];
    const stacks = counts.map((count) => Float32Array.from(makeRows(count).flatMap((row) => [...row])));
    const first = await open();
    for (const [i, stack] of stacks.entries()) await first.add(hashOf(i), stack);
    for (const [i, stack] of stacks.entries()) expect(await first.get(hashOf(i))).toEqual(stack);
    await first.save();
    expect(await chunkPaths()).toHaveLength(3); // 1 + 3 + 250 + 2, 256, and the rest
    const again = await open();
    expect(again.damaged).toBe(0);
    for (const [i, stack] of stacks.entries()) expect(await again.get(hashOf(i))).toEqual(stack);
  });

  it("holds nothing but whole chunks, with no temporary file beside them", async () => {
    await fill(makeRows(300));
    const names = (await chunkPaths()).map((path) => path.slice(-12));
    expect(names).toEqual([".safetensors", ".safetensors"]);
  });

  it("writes nothing when there is nothing new", async () => {
    await fill([]);
    expect(await chunkPaths()).toEqual([]);
    await fill(makeRows(3));
    const before = await chunkPaths();
    const again = await open();
    await again.add(hashOf(0), makeRows(1)[0]!); // known: the first value stays
    await again.save();
    expect(await chunkPaths()).toEqual(before);
  });

  it("keeps the features of two trunks apart", async () => {
    const other = createHash("sha256").update("another trunk").digest("hex");
    const [one, two] = makeRows(2);
    await fill([one!]);
    const second = await open(other);
    expect(second.has(hashOf(0))).toBe(false);
    await second.add(hashOf(0), two!);
    await second.save();
    expect(await (await open()).get(hashOf(0))).toEqual(one);
    expect(await (await open(other)).get(hashOf(0))).toEqual(two);
  });

  it("takes no features of another width for its own", async () => {
    await fill(makeRows(2));
    const wider = await FeatureCache.open(cache, key, columns + 1);
    expect([wider.damaged, wider.has(hashOf(0))]).toEqual([1, false]);
  });
});

describe("a damaged chunk", () => {
  it("is found and removed whichever byte of it was changed; the image is computed again", async () => {
    const rows = makeRows(2);
    await fill(rows);
    const [path] = await chunkPaths();
    const bytes = await readFile(path!);
    let found = 0;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      await writeFile(path!, changed);
      const opened = await open();
      found += opened.damaged;
      // A changed byte that says the same (a blank of the header) is no damage; a wrong value never comes out.
      const values = await Promise.all(rows.map((_, i) => opened.get(hashOf(i))));
      expect(values, `byte ${at}`).toEqual(opened.damaged === 1 ? [undefined, undefined] : rows);
      expect(await chunkPaths()).toHaveLength(1 - opened.damaged);
    }
    expect(found).toBeGreaterThan(0.95 * bytes.length);
  });

  it.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ["empty", () => Buffer.alloc(0)],
    ["longer than it says", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(8)])],
    ["garbage", () => Buffer.from("not a chunk at all, but text of some length")],
    ["a header that claims more than there is", () => Buffer.from([255, 255, 255, 255, 255, 255, 255, 127])],
    [
      "another safetensors file",
      () => Buffer.from(writeSafetensors(new Map([["x", { shape: [1], data: new Float32Array(1) }]]))),
    ],
  ])("is one that is %s: it is replaced, and the others stay", async (_, damage) => {
    const rows = makeRows(300);
    await fill(rows);
    const [path] = await chunkPaths();
    await writeFile(path!, damage(await readFile(path!)));
    const opened = await open();
    expect(opened.damaged).toBe(1);
    const known = rows.map((_, i) => opened.has(hashOf(i)));
    expect([44, 256]).toContain(known.filter(Boolean).length); // the other chunk
    for (const [i, row] of rows.entries()) await opened.add(hashOf(i), row);
    await opened.save();
    const again = await open();
    expect(again.damaged).toBe(0);
    for (const [i, row] of rows.entries()) expect(await again.get(hashOf(i))).toEqual(row);
  });

  it("that is damaged or gone after the cache was opened gives no features", async () => {
    await fill(makeRows(2));
    const opened = await open();
    const [path] = await chunkPaths();
    const bytes = await readFile(path!);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path!, bytes);
    expect(await opened.get(hashOf(0))).toBeUndefined();
    await rm(path!);
    expect(await opened.get(hashOf(1))).toBeUndefined();
  });
});

describe("a cache folder", () => {
  it("that cannot be made is the user's to mend", async () => {
    await writeFile(join(cache, "features"), "a file where the folder should be");
    const error = await open().catch((cause) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).not.toContain("\n");
  });

  it("that was removed meanwhile is made again, and what was not written yet is in it", async () => {
    const [first, second] = makeRows(2);
    const opened = await open();
    await opened.add(hashOf(0), first!);
    await opened.save();
    await opened.add(hashOf(1), second!);
    await rm(cache, { recursive: true });
    await opened.save();
    expect(await opened.get(hashOf(0))).toBeUndefined();
    expect(await (await open()).get(hashOf(1))).toEqual(second);
  });

  it("that cannot be written any more is told once, and what is computed stays in memory", async () => {
    const rows = makeRows(600); // three chunks
    const [opened, told]: [FeatureCache, string[]] = [await open(), []];
    opened.tolerateFailure((message) => told.push(message));
    await rm(cache, { recursive: true });
    await writeFile(cache, "a file where the folder was");
    for (const [i, row] of rows.entries()) await opened.add(hashOf(i), row);
    await opened.save();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("cannot be written");
    for (const [i, row] of rows.entries()) expect(await opened.get(hashOf(i))).toEqual(row);
    await rm(cache);
  });
});
