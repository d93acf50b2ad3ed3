import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimAgain, claimRun, planRunFolder, writeNewRunFolder, writeRunFolder } from "./run-folder.js";

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "grayling runs ü-"));
});

afterEach(() => rm(out, { recursive: true, force: true }));

const files = new Map<string, Uint8Array | string>([
  ["metrics.json", "{}\n"],
  ["model.onnx", Uint8Array.of(8, 8)],
]);

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error("no error"),
    (error: Error) => error,
  );
}

describe("the name of a run", () => {
  it("is the dataset's with the next free number, in a folder that is made if it is missing", async () => {
    const deep = join(out, "all", "my runs");
    expect(await planRunFolder("photos", { out: deep })).toBe(join(deep, "photos-1"));
    for (const taken of ["photos-1", "photos-2", "photos-4", "other-3"]) await mkdir(join(deep, taken));
    expect(await planRunFolder("/somewhere/photos/", { out: deep })).toBe(join(deep, "photos-3"));
    expect(await planRunFolder("/", { out: deep })).toBe(join(deep, "run-1"));
  });

  it("is the one that was asked for, if it is free", async () => {
    expect(await planRunFolder("photos", { out, name: "größer 2" })).toBe(join(out, "größer 2"));
    await writeFile(join(out, "taken"), "");
    const error = await failure(planRunFolder("photos", { out, name: "taken" }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(`run ${join(out, "taken")}: exists already, choose another --name or remove it`);
  });

  it.each(["", ".", "..", "a/b", "../outside", "/absolute"])("is no path: %j", async (name) => {
    const error = await failure(planRunFolder("photos", { out, name }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(`run name "${name}": expected a plain folder name`);
  });

  it("that is too long is refused before anything is computed", async () => {
    const error = await failure(planRunFolder("photos", { out, name: "n".repeat(300) }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("the name is too long: choose a shorter one");
  });
});

describe("a folder of runs", () => {
  it("that is a file is refused before anything is computed", async () => {
    await writeFile(join(out, "file"), "");
    for (const path of [join(out, "file"), join(out, "file", "below")]) {
      const error = await failure(planRunFolder("photos", { out: path }));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/cannot be written, .*: choose another path/);
    }
  });

  it("that cannot be written is refused before anything is computed", async (context) => {
    if (process.platform === "win32" || process.getuid?.() === 0) {
      return context.skip("folder permissions do not bind this user (root, or Windows)");
    }
    const locked = join(out, "locked");
    await mkdir(locked, { mode: 0o500 });
    const error = await failure(planRunFolder("photos", { out: locked }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(`no permission to write in ${locked}`);
  });
});

describe("the place of a run", () => {
  it("is another one for each training without a name, and free again when they are done", async () => {
    const claimed = await Promise.all(Array.from({ length: 4 }, () => claimRun("photos", { out })));
    const names = claimed.map(({ folder }) => basename(folder)).sort();
    expect(names).toEqual(["photos-1", "photos-2", "photos-3", "photos-4"]);
    await Promise.all(claimed.map((one) => one.release()));
    expect(await readdir(out)).toEqual([]);
    expect((await claimRun("photos", { out })).folder).toBe(join(out, "photos-1"));
  });

  it("of a name is one training's at a time, which is told in one line", async () => {
    const options = { out, name: "größe" };
    const first = await claimRun("photos", options);
    for (const claim of [() => claimRun("photos", options), () => claimAgain(first.folder)]) {
      const error = await failure(claim());
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(
        new RegExp(
          `^run .*größe: another training is working on it \\(process ${process.pid}, since .*Z\\); wait for it`,
        ),
      );
    }
    await first.release();
    await (await claimAgain(first.folder)).release();
  });

  it("that something else has taken meanwhile is left to that, and the run gets a number", async () => {
    const { folder, release } = await claimRun("photos", { out, name: "run" });
    await mkdir(folder);
    await writeFile(join(out, "run-2"), "");
    const tried: string[] = [];
    const written = await writeNewRunFolder(folder, files, async (place) => void tried.push(basename(place)));
    expect(basename(written)).toBe("run-3");
    expect(tried).toEqual(["run-3"]);
    expect(await readdir(folder)).toEqual([]);
    await release();
    expect((await readdir(out)).sort()).toEqual(["run", "run-2", "run-3"]);
  });
});

describe("writing a run", () => {
  it("writes all files and leaves nothing else", async () => {
    const folder = join(out, "photos-1");
    await writeRunFolder(folder, files);
    expect(await readdir(out)).toEqual(["photos-1"]);
    expect((await readdir(folder)).sort()).toEqual(["metrics.json", "model.onnx"]);
    expect(await readFile(join(folder, "metrics.json"), "utf8")).toBe("{}\n");
    expect([...(await readFile(join(folder, "model.onnx")))]).toEqual([8, 8]);
  });

  it("leaves nothing when a file cannot be written", async () => {
    const folder = join(out, "photos-1");
    const error = await failure(writeRunFolder(folder, new Map([...files, ["no such folder/x.txt", "x"]])));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("does not exist");
    expect(await readdir(out)).toEqual([]);
  });

  it("leaves a run that another process has put there meanwhile as it is, and says so", async () => {
    const folder = join(out, "photos-1");
    await writeRunFolder(folder, files);
    const error = await failure(writeRunFolder(folder, new Map([["other.txt", "x"]])));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("a folder of that name exists: choose another path");
    expect(await readdir(out)).toEqual(["photos-1"]);
    expect((await readdir(folder)).sort()).toEqual(["metrics.json", "model.onnx"]);
  });

  it("leaves no run, or a whole one, when the process is killed in the middle", async () => {
    const folder = join(out, "photos-1");
    const script = `
      import { writeRunFolder } from ${JSON.stringify(new URL("./run-folder.js", import.meta.url).href)};
      const files = new Map(Array.from({ length: 40 }, (_, i) => [i + ".bin", new Uint8Array(4 << 20)]));
      await writeRunFolder(${JSON.stringify(folder)}, files);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
    while ((await readdir(out)).length === 0 && child.exitCode === null) await sleep(2);
    child.kill("SIGKILL");
    if (child.exitCode === null) await once(child, "exit");
    const run = await stat(folder).catch(() => undefined);
    if (run) expect(await readdir(folder)).toHaveLength(40);
    else expect((await readdir(out)).every((name) => name.startsWith("."))).toBe(true);
    // What was left is in nobody's way.
    expect(await planRunFolder("photos", { out })).toBe(run ? join(out, "photos-2") : folder);
    if (!run) await writeRunFolder(folder, files);
    if (!run) expect((await readdir(folder)).sort()).toEqual(["metrics.json", "model.onnx"]);
  });
});
