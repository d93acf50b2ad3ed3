import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { withoutUnreadable } from "./dataset.js";
import { scanFolder } from "./scan-folder.js";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "data set é "));
});

afterEach(() => rmSync(root, { recursive: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), /\.(txt|md|db)$/.test(path) ? "words" : png);
  }
}

async function relatives(): Promise<string[]> {
  return (await scanFolder(root)).images.map(({ relative, label }) => `${label} ${relative}`);
}

describe("scanning a folder", () => {
  it("counts nested subfolders to their class, classes and files in the order of Python's sort", async () => {
    put("b/2.png", "b/10.png", "b/deep/er/1.png", "Z/ü x.png", "Z/u.png", "é/1.jpg", "￮/1.png", "🐟/1.png");
    const dataset = await scanFolder(root);
    expect(dataset.classes).toEqual(["Z", "b", "é", "￮", "🐟"]); // UTF-16 order would put 🐟 before ￮
    expect(dataset.images.map(({ relative, label }) => `${label} ${relative}`)).toEqual([
      "0 Z/u.png",
      "0 Z/ü x.png",
      "1 b/10.png",
      "1 b/2.png",
      "1 b/deep/er/1.png",
      "2 é/1.jpg",
      "3 ￮/1.png",
      "4 🐟/1.png",
    ]);
    expect(dataset.images[0]).toEqual({ path: join(root, "Z/u.png"), relative: "Z/u.png", label: 0, split: null });
  });

  it("ignores what is no picture, and counts it", async () => {
    put(
      "a/1.png",
      "b/1.png",
      "a/.DS_Store",
      "a/._1.png",
      "a/notes.txt",
      "b/Thumbs.db",
      "a/__MACOSX/1.png",
      "README.md",
    );
    put(".hidden/1.png");
    const dataset = await scanFolder(root);
    expect(dataset.images.map(({ relative }) => relative)).toEqual(["a/1.png", "b/1.png"]);
    expect(dataset.ignored).toBe(7);
  });

  it("knows files without extension, or with a strange one, by their first bytes", async () => {
    put("a/1", "a/2.scan", "b/v1.2", "b/1.PNG");
    writeFileSync(join(root, "b/heic.photo"), "....ftypheic");
    const dataset = await scanFolder(root);
    expect(dataset.images.map(({ relative }) => relative)).toEqual(["a/1", "a/2.scan", "b/1.PNG", "b/v1.2"]);
    expect(dataset.skipped).toEqual([{ path: "b/heic.photo", reason: "HEIC is not supported yet" }]);
  });

  it("finds the pictures of the fixture, DICOM among them", async () => {
    const dataset = await scanFolder(repositoryFolder("fixtures", "mixed-bits"));
    expect(dataset.classes).toEqual(["disc", "stripes"]);
    expect(dataset.images.length).toBe(84); // 86 files less a text and a Thumbs.db
    expect(dataset.skipped).toEqual([]);
    expect(dataset.ignored).toBe(5); // those two, and three files beside the classes
  });
});

describe("links", () => {
  it("are followed, to files and to folders", async () => {
    put("a/1.png", "b/1.png", "store/x.txt");
    rmSync(join(root, "store"), { recursive: true });
    const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere"));
    writeFileSync(join(elsewhere, "far.png"), png);
    symlinkSync(join(elsewhere, "far.png"), join(root, "a/linked.png"));
    symlinkSync(elsewhere, join(root, "c"));
    expect(await relatives()).toEqual(["0 a/1.png", "0 a/linked.png", "1 b/1.png", "2 c/far.png"]);
    rmSync(elsewhere, { recursive: true });
  });

  it("never loop, nor lead out to the other classes", async () => {
    put("a/1.png", "a/deep/2.png", "b/1.png");
    symlinkSync(join(root, "a"), join(root, "a/deep/up"));
    symlinkSync(root, join(root, "a/out"));
    expect(await relatives()).toEqual(["0 a/1.png", "0 a/deep/2.png", "1 b/1.png"]);
  });

  it("that lead nowhere are skipped with a reason", async () => {
    put("a/1.png", "b/1.png");
    symlinkSync(join(root, "gone.png"), join(root, "a/broken.png"));
    symlinkSync("self.png", join(root, "a/self.png"));
    expect((await scanFolder(root)).skipped).toEqual([
      { path: "a/broken.png", reason: "no such file: removed meanwhile, or a broken link" },
      { path: "a/self.png", reason: "a link that leads back to itself" },
    ]);
  });
});

describe("ready-made splits", () => {
  it.each(["val", "valid", "validation"])(
    "are taken from train/ and %s/; a test/ without classes is left alone",
    async (val) => {
      put("train/a/1.png", "train/b/1.png", "train/b/2.png", `${val}/b/7.png`, "test/1.png");
      const dataset = await scanFolder(root);
      expect(dataset.classes).toEqual(["a", "b"]);
      expect(dataset.images.map(({ relative, label, split }) => [relative, label, split])).toEqual([
        ["train/a/1.png", 0, "train"],
        ["train/b/1.png", 1, "train"],
        ["train/b/2.png", 1, "train"],
        [`${val}/b/7.png`, 1, "val"],
      ]);
    },
  );

  it("are plain classes when something else stands beside them or they hold no class folders", async () => {
    put("train/a/1.png", "val/a/1.png", "other/1.png");
    expect((await scanFolder(root)).classes).toEqual(["other", "train", "val"]);
    rmSync(join(root, "other"), { recursive: true });
    rmSync(join(root, "val/a"), { recursive: true });
    put("val/1.png");
    expect((await scanFolder(root)).classes).toEqual(["train", "val"]);
  });

  it("have a test where test/ has class folders, with or without val/", async () => {
    put("train/a/1.png", "train/b/1.png", "val/a/2.png", "test/b/3.png", "test/a/void.txt");
    const splits = async () => (await scanFolder(root)).images.map(({ relative, split }) => [relative, split]);
    expect(await splits()).toEqual([
      ["train/a/1.png", "train"],
      ["train/b/1.png", "train"],
      ["val/a/2.png", "val"],
      ["test/b/3.png", "test"],
    ]);
    rmSync(join(root, "val"), { recursive: true });
    expect(await splits()).toEqual([
      ["train/a/1.png", null], // validation is still to be drawn
      ["train/b/1.png", null],
      ["test/b/3.png", "test"],
    ]);
  });

  it("refuse a class that only validates, or is only tested", async () => {
    put("train/a/1.png", "train/b/1.png", "val/c/1.png");
    await expect(scanFolder(root)).rejects.toThrow(
      'the validation folder holds "c", expected only classes of train/ (a, b)',
    );
    rmSync(join(root, "val"), { recursive: true });
    put("test/z/1.png");
    await expect(scanFolder(root)).rejects.toThrow('the test folder holds "z", expected only classes of train/ (a, b)');
  });
});

describe("errors", () => {
  it("name the folder, what was expected and what came", async () => {
    await expect(scanFolder(join(root, "none"))).rejects.toThrow(/none: no such folder, expected a folder with one/);
    await expect(scanFolder(root)).rejects.toThrow(/expected one subfolder per class .*, got an empty folder/);
    put("1.png", "2.png");
    await expect(scanFolder(root)).rejects.toThrow(/got 2 files and no folder/);
    await expect(scanFolder(join(root, "1.png"))).rejects.toThrow(/expected a folder .*, got a file/);
    put("only/1.png");
    await expect(scanFolder(root)).rejects.toThrow(/expected at least two classes, got one, "only"/);
    mkdirSync(join(root, "void"));
    await expect(scanFolder(root)).rejects.toThrow(/class "void" is empty, .* it holds none/);
    writeFileSync(join(root, "void/1.photo"), "....ftypheic");
    await expect(scanFolder(root)).rejects.toThrow(/all 1 were skipped, void\/1.photo: HEIC is not supported yet/);
    await expect(scanFolder(root)).rejects.toThrow(InputError);
  });

  it("refuse so many folders that they cannot be classes, before they are walked", async () => {
    for (let i = 0; i <= 5000; i++) mkdirSync(join(root, String(i)));
    await expect(scanFolder(root)).rejects.toThrow(
      /5001 classes, expected at most 5000; is each folder really a class\?/,
    );
  });

  it("says of a file without permission that it was skipped", async (context) => {
    if (process.getuid?.() === 0) return context.skip("the superuser may read everything");
    put("a/1.png", "a/secret", "b/1.png");
    const { chmodSync } = await import("node:fs");
    chmodSync(join(root, "a/secret"), 0);
    expect((await scanFolder(root)).skipped).toEqual([{ path: "a/secret", reason: "permission denied" }]);
  });
});

describe("leaving unreadable images out", () => {
  it("moves them to the skipped ones and keeps the order of the rest", async () => {
    put("a/1.png", "a/2.png", "b/1.png");
    writeFileSync(join(root, "b/2.photo"), "....ftypheic");
    const dataset = withoutUnreadable(await scanFolder(root), new Map([[0, "truncated PNG"]]));
    expect(dataset.images.map(({ relative }) => relative)).toEqual(["a/2.png", "b/1.png"]);
    expect(dataset.skipped).toEqual([
      { path: "b/2.photo", reason: "HEIC is not supported yet" },
      { path: "a/1.png", reason: "truncated PNG" },
    ]);
  });

  it("is an error when it empties a class, or its training part", async () => {
    put("a/1.png", "b/1.png");
    const plain = await scanFolder(root);
    expect(() => withoutUnreadable(plain, new Map([[1, "empty file (0 bytes)"]]))).toThrow(
      /class "b" is empty, .* all 1 were skipped, b\/1.png: empty file \(0 bytes\)/,
    );
    put("train/a/1.png", "train/b/1.png", "val/a/1.png", "val/b/1.png");
    for (const name of ["a", "b"]) rmSync(join(root, name), { recursive: true });
    const split = await scanFolder(root);
    expect(withoutUnreadable(split, new Map([[3, "x"]])).images.length).toBe(3);
    expect(() => withoutUnreadable(split, new Map([[0, "x"]]))).toThrow(InputError);
  });
});
