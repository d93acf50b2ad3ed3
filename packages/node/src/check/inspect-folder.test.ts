import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSharp } from "../images/load-sharp.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { checkFolder } from "./check-folder.js";
import { fixList } from "./fix-list.js";
import { inspectFolder } from "./inspect-folder.js";
import { jsonReport } from "./json-report.js";
import { checkPage } from "./page/check-page.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "grayling check ü-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function encode(format: "png" | "jpeg" | "tiff", seed = 0): Promise<Buffer> {
  const [width, height] = [40, 30];
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * i * (3 + seed) + 7 * i + seed * 50) % 251);
  const sharp = await loadSharp();
  const picture = sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
  return picture.toFormat(format).toBuffer();
}

async function put(path: string | Buffer, bytes: Uint8Array | string): Promise<void> {
  if (typeof path === "string") {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return writeFile(join(root, path), bytes);
  }
  return writeFile(Buffer.concat([Buffer.from(`${root}/`), path]), bytes);
}

/** A PNG that claims 60,000 × 60,000: the header is all that is read. */
function headerBomb(png: Buffer): Buffer {
  const bomb = Buffer.from(png);
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  return bomb;
}

describe("bad input", () => {
  it.each<[what: string, name: string, make: () => Promise<Buffer | string>, reason: RegExp]>([
    ["zero bytes", "zero.png", async () => "", /^empty file/],
    ["a truncated PNG", "cut.png", async () => (await encode("png")).subarray(0, 300), /^truncated PNG/],
    ["a truncated JPEG", "cut.jpg", async () => (await encode("jpeg")).subarray(0, 400), /^truncated JPEG/],
    ["a truncated TIFF", "cut.tif", async () => (await encode("tiff")).subarray(0, 200), /TIFF/],
    ["a header alone", "header.png", async () => (await encode("png")).subarray(0, 33), /^truncated PNG/],
    ["a header bomb", "bomb.png", async () => headerBomb(await encode("png")), /60,000 × 60,000 pixels, limit/],
    ["a text file", "text.jpg", async () => "not a picture at all", /^not an image: text/],
    ["an HTML page", "page.png", async () => "<!doctype html><title>404</title>", /^not an image: text/],
    ["random bytes", "noise.tif", async () => Buffer.from("a1b2c3d4e5f6a7b8", "hex"), /^not an image/],
  ])("of %s gives a reason, and the rest is read", async (_, name, make, reason) => {
    await put("a/good.png", await encode("png"));
    await put("b/good.png", await encode("png", 1));
    await put(`a/${name}`, await make());
    const { inspection, findings } = await checkFolder(root);
    const lost = inspection.files.filter(({ picture }) => picture === null);
    expect(lost.map(({ relative }) => relative)).toEqual([`a/${name}`]);
    expect(lost[0]?.reason).toMatch(reason);
    expect(lost[0]?.reason).not.toContain("\n");
    expect(inspection.files.filter(({ picture }) => picture)).toHaveLength(2);
    expect(fixList(findings)).toContain(`a/${name},undecodable,exclude: `);
  });

  it.each([
    "new\nline.png",
    "quote\"s'.png",
    "fish 🐟.png",
    "<b>&amp;.png",
    "a,b;c.png",
    "\u202egnp.exe.png",
    "-rf.png",
    " .png",
  ])("in a name, %j, is escaped wherever it is written", async (name) => {
    await put(`a/${name}`, await encode("png"));
    await put("b/good.png", (await encode("png", 1)).subarray(0, 100));
    await put(`b/${name}`, (await encode("png", 1)).subarray(0, 100));
    const report = await checkFolder(root);
    expect(report.inspection.files.map(({ relative }) => relative)).toContain(`a/${name}`);
    const json = JSON.parse(jsonReport(report)) as { files: { path: string }[] };
    expect(json.files.map(({ path }) => path)).toContain(`b/${name}`);
    const page = checkPage(report);
    expect(page).not.toContain("<b>&amp;.png");
    expect(page).not.toContain("\u202e");
  });

  it("in a name that is no UTF-8 is told as that", async (context) => {
    await put("a/good.png", await encode("png"));
    await put("b/good.png", await encode("png", 1));
    try {
      await put(Buffer.from([...Buffer.from("a/"), 0xff, 0xfe, ...Buffer.from(".png")]), await encode("png"));
    } catch {
      return context.skip("this file system takes UTF-8 names only");
    }
    const { files } = await inspectFolder(root);
    const lost = files.filter(({ picture }) => picture === null);
    expect(lost.map(({ reason }) => reason)).toEqual([
      "its name is not valid UTF-8, so it cannot be opened; rename it",
    ]);
  });

  it("of links that loop ends, and a broken link has its reason", async () => {
    await put("a/good.png", await encode("png"));
    await put("b/good.png", await encode("png", 1));
    await symlink("..", join(root, "a", "up"));
    await symlink(join(root, "b"), join(root, "a", "other"));
    await symlink("gone.png", join(root, "a", "broken.png"));
    await symlink("self.png", join(root, "a", "self.png"));
    const { files } = await inspectFolder(root);
    const reasons = new Map(files.map(({ relative, reason }) => [relative, reason]));
    expect(reasons.get("a/good.png")).toBeNull();
    expect(reasons.get("a/broken.png")).toMatch(/broken link/);
    expect(reasons.get("a/self.png")).toMatch(/leads back to itself/);
    expect(files.filter(({ picture }) => picture)).toHaveLength(2);
  });

  it.each<[what: string, make: () => Promise<string>, message: RegExp]>([
    ["no folder", async () => join(root, "none"), /no such folder/],
    [
      "a file",
      async () => put("one.png", "x").then(() => join(root, "one.png")),
      /expected a folder of pictures, got a file/,
    ],
    ["an empty folder", async () => root, /expected pictures, got an empty folder/],
    ["a folder of other files", async () => put("a/notes.txt", "hello").then(() => root), /got 1 files that are none/],
  ])("of %s throws one line", async (_, make, message) => {
    const error = await inspectFolder(await make()).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });

  it("of one image in one class, or in none, is a report", async () => {
    await put("a/one.png", await encode("png"));
    const { findings } = await checkFolder(root);
    expect(findings[0]).toMatchObject({ severity: "problem", title: 'one class only, "a"' });
    await put("loose.png", await encode("png", 1));
    await rm(join(root, "a"), { recursive: true });
    const [, heap] = (await checkFolder(root)).findings.map(({ title }) => title).sort();
    expect(heap).toBe("no class folders: 1 picture in one heap");
  });

  it("of a class without pictures is found, not thrown", async () => {
    await put("a/one.png", await encode("png"));
    await mkdir(join(root, "void"));
    const { inspection, findings } = await checkFolder(root);
    expect(inspection.classes).toEqual(["a", "void"]);
    expect(findings.map(({ title }) => title).join("\n")).toContain("void (0)");
  });

  it("of files that are deleted meanwhile costs those files only", async () => {
    for (let i = 0; i < 60; i++) await put(`${i % 2 ? "a" : "b"}/${i}.png`, await encode("png", i));
    let isDeleted = false;
    const { files } = await inspectFolder(root, {
      concurrency: 1,
      onProgress: async () => {
        if (isDeleted) return;
        isDeleted = true;
        await rm(join(root, "b"), { recursive: true });
      },
    });
    expect(files).toHaveLength(60);
    for (const { picture, reason } of files) expect(picture === null).toBe(reason !== null);
    expect(files.filter(({ picture }) => picture).length).toBeGreaterThanOrEqual(16);
  });
});

describe("inspecting", () => {
  it("stops at once when aborted", async () => {
    for (let i = 0; i < 40; i++) await put(`a/${i}.png`, await encode("png", i));
    const controller = new AbortController();
    const stopped = inspectFolder(root, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
  });

  it("counts its progress up to all files, and leaves every file as it was", async () => {
    for (let i = 0; i < 40; i++) await put(`a/${i}.png`, await encode("png", i));
    const seen: number[] = [];
    await inspectFolder(root, { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("knows ready-made splits", async () => {
    for (const place of ["train/a/1", "train/b/2", "valid/a/3", "test/b/4"])
      await put(`${place}.png`, await encode("png", place.length));
    const { classes, files } = await inspectFolder(root);
    expect(classes).toEqual(["a", "b"]);
    expect(files.map(({ relative, split, label }) => [relative, split, label])).toEqual([
      ["test/b/4.png", "test", 1],
      ["train/a/1.png", "train", 0],
      ["train/b/2.png", "train", 1],
      ["valid/a/3.png", "val", 0],
    ]);
  });

  it("gives the pixel limit that was asked for", async () => {
    await put("a/one.png", await encode("png"));
    const { files } = await inspectFolder(root, { maxPixels: 1199 });
    expect(files[0]?.reason).toContain("limit 1,199");
    await unlink(join(root, "a/one.png"));
  });

  it("reads mixed-bits as its expected.json says", async (context) => {
    const folder = sharedFolder("data", "mixed-bits");
    if (folder === undefined) return context.skip("no ../shared/data");
    const { readFile } = await import("node:fs/promises");
    const expected: Record<string, Expected> = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
    const { files } = await inspectFolder(folder);
    const byName = new Map(files.map((file) => [file.relative.normalize("NFC"), file]));
    let compared = 0;
    for (const [name, want] of Object.entries(expected)) {
      const file = byName.get(name.normalize("NFC"));
      if (want.error !== undefined) expect(file?.picture, name).toBeNull();
      if (want.content === undefined || !file?.picture || want.tolerance === undefined) continue;
      const { picture } = file;
      expect([picture.width, picture.height], name).toEqual([want.width, want.height]);
      expect(file.content?.toLowerCase(), name).toBe(want.content.toLowerCase());
      if (want.tolerance > 0 || /white-is-zero|\.dcm/.test(name)) continue;
      expect(Math.abs(picture.min - want.min) + Math.abs(picture.max - want.max), name).toBeLessThan(1e-3); // float32
      expect(Math.abs(picture.mean - want.mean), name).toBeLessThan(0.51); // luma of palettes and colour is not rounded here
      compared++;
    }
    expect(compared).toBeGreaterThan(30);
  });
});

interface Expected {
  readonly error?: string;
  readonly content?: string;
  readonly width: number;
  readonly height: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly tolerance?: number;
}
