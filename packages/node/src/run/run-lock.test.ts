import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startOf } from "../files/is-running.js";
import { type LockHolder, lockName, lockRun, type RunLock } from "./run-lock.js";

let folder: string;
let run: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling lock ß-"));
  run = join(folder, "photos-1");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isLock = (found: RunLock | LockHolder): found is RunLock => "release" in found;

async function locked(): Promise<RunLock> {
  const found = await lockRun(run);
  if (isLock(found)) return found;
  throw new Error(`held by ${found.pid}`);
}

/** A lock as another process would have written it. */
async function leave(holder: object, ageMs = 0): Promise<void> {
  const path = lockName(run);
  const text = JSON.stringify({ pid: process.pid, host: hostname(), since: "2026-01-01", id: "other", ...holder });
  await writeFile(path, text);
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
}

describe("the place of a run", () => {
  it("is one training's at a time, also within a process, and free again afterwards", async () => {
    const first = await locked();
    const second = await lockRun(run);
    expect(second).toMatchObject({ pid: process.pid, host: hostname(), path: lockName(run) });
    await first.release();
    await first.release();
    expect(await readdir(folder)).toEqual([]);
    await (await locked()).release();
  });

  it("is given to one of many that ask at once", async () => {
    for (let round = 0; round < 5; round++) {
      await leave({ pid: spawnSync(process.execPath, ["--version"]).pid }); // left over
      const found = await Promise.all(Array.from({ length: 8 }, () => lockRun(run)));
      const locks = found.filter(isLock);
      expect(locks).toHaveLength(1);
      await locks[0]!.release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("is another process' as long as that lives", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await once(child, "spawn");
    await leave({ pid: child.pid!, ...(startOf(child.pid!) && { started: startOf(child.pid!) }) });
    expect(await lockRun(run)).toMatchObject({ pid: child.pid });
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await locked()).release();
  });

  it("is not that of a process whose number another one has by now", async (context) => {
    if (startOf(process.pid) === undefined) return context.skip("this system does not tell when a process began");
    await leave({ started: "1" });
    await (await locked()).release();
    await leave({}, 400 * 24 * 3600_000); // before the machine was started
    await (await locked()).release();
  });

  it("is another machine's as long as that renews its lock", async () => {
    await leave({ host: "elsewhere", pid: 1 }, 60_000);
    expect(await lockRun(run)).toMatchObject({ host: "elsewhere", pid: 1 });
    await leave({ host: "elsewhere", pid: 1 }, 600_000);
    await (await locked()).release();
  });

  it("is taken where the lock is no lock, but not while one may be in the making", async () => {
    await writeFile(lockName(run), "");
    expect(isLock(await lockRun(run))).toBe(false);
    const then = new Date(Date.now() - 60_000);
    await utimes(lockName(run), then, then);
    const lock = await locked();
    // Taken from it by somebody who removed the file: then that is not its own to remove.
    await leave({});
    await lock.release();
    expect(await readFile(lockName(run), "utf8")).toContain("other");
  });

  it("cannot be locked where nothing can be written", async () => {
    run = join(folder, "nowhere", "run");
    await expect(lockRun(run)).rejects.toThrow(InputError);
  });
});
