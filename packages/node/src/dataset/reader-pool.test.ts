import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { FileReader } from "./file-reader.js";
import { ReaderPool } from "./reader-pool.js";

/** Uses the pool `times` at once, each for `ms` on one file; the readers, and how many were in use at the same time. */
async function use(pool: ReaderPool, times: number, ms: number) {
  const readers = new Set<FileReader>();
  let [now, most] = [0, 0];
  const work = async (reader: FileReader) => {
    readers.add(reader);
    most = Math.max(most, ++now);
    await sleep(ms);
    now--;
  };
  await Promise.all(Array.from({ length: times }, () => pool.use(1, work)));
  return { readers: readers.size, most };
}

describe("a pool of readers", () => {
  it("lends this thread's alone while files take no time", async () => {
    const pool = await ReaderPool.open(3);
    for (let i = 0; i < 5; i++) await pool.use(1, async () => {});
    const readers = new Set<FileReader>();
    await Promise.all(Array.from({ length: 9 }, () => pool.use(1, async (reader) => void readers.add(reader))));
    expect(readers.size).toBe(1);
    await pool.close();
  });

  it("opens threads once they take time, and lends each to one at a time", async () => {
    const pool = await ReaderPool.open(3);
    await use(pool, 3, 100); // one after the other: 200 ms are enough
    expect(await use(pool, 9, 20)).toEqual({ readers: 3, most: 3 });
    await pool.close();
  });

  it("serves those who wait after a failure, too", async () => {
    const pool = await ReaderPool.open(1);
    const fail = async () => {
      throw new Error("this one");
    };
    const [failed, served] = await Promise.allSettled([pool.use(1, fail), pool.use(1, async () => "served")]);
    expect([failed.status, served]).toEqual(["rejected", { status: "fulfilled", value: "served" }]);
    await pool.close();
  });
});
