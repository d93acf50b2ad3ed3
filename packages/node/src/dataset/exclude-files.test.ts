import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findAll } from "../check/findings.js";
import { fixList } from "../check/fix-list.js";
import { madeInspection } from "../testing/made-inspection.js";
import type { Dataset } from "./dataset.js";
import { excludeFiles, readExcludeList } from "./exclude-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling exclude-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function list(text: string): Promise<string> {
  const path = join(folder, "list.csv");
  await writeFile(path, text);
  return path;
}

const dataset: Dataset = {
  root: "/data",
  classes: ["a", "b"],
  images: ["a/1.png", "a/2.png", "b/3.png"].map((relative) => ({
    path: `/data/${relative}`,
    relative,
    label: relative.startsWith("a") ? 0 : 1,
    split: null,
  })),
  ignored: 0,
  skipped: [{ path: "a/broken.png", reason: "empty file (0 bytes)" }],
};

it.each([
  ["path\na/1.png\n", ["a/1.png"]],
  ["\ufeffpath\r\na/1.png\r\n", ["a/1.png"]],
  ["finding,path\nx,a/1.png\ny,b/3.png\n", ["a/1.png", "b/3.png"]],
  ["path,finding,suggestion\na/1.png,x,exclude: a copy\na/2.png,x,decide: which\nb/3.png,x,\n", ["a/1.png"]],
  ['path,suggestion\n"a, ""b"".png",Exclude\n', ['a, "b".png']],
  ["path\n", []],
])("reads %j", async (text, expected) => {
  expect([...(await readExcludeList(await list(text)))]).toEqual(expected);
});

it("reads what a check wrote, names with line ends among it", async () => {
  const files = [
    { relative: 'a/new\nline, "q".png', hash: "x" },
    { relative: "a/zero.png", reason: "empty file (0 bytes)" },
    { relative: "a/z.png", hash: "x" },
    { relative: "b/other.png" },
    { relative: "beside.png", reason: "truncated PNG" }, // in no class: training does not see it
  ];
  const path = await list(fixList(findAll(madeInspection(files))));
  expect([...(await readExcludeList(path))]).toEqual(["a/zero.png", "a/z.png"]);
});

it.each([
  ["file,why\na,b\n", 'expected a column "path", got "file,why"'],
  ["", 'expected a column "path", got ""'],
])("refuses %j", async (text, message) => {
  await expect(readExcludeList(await list(text))).rejects.toThrow(InputError);
  await expect(readExcludeList(await list(text))).rejects.toThrow(message);
});

it("refuses a file that is not there", async () => {
  await expect(readExcludeList(join(folder, "none.csv"))).rejects.toThrow(/none\.csv: no such file/);
});

it("leaves out what is named, and nothing else", () => {
  const { images, skipped } = excludeFiles(dataset, new Set(["a/1.png", "a/broken.png"]));
  expect(images.map(({ relative }) => relative)).toEqual(["a/2.png", "b/3.png"]);
  expect(skipped).toEqual([]);
  expect(excludeFiles(dataset, new Set(["a/1.png"])).skipped).toEqual(dataset.skipped);
});

it("leaves out a page, or all pages of a file", () => {
  const pages = [1, 2, 3].map((page) => ({
    path: "/data/a/z.tif",
    relative: `a/z.tif#${page}`,
    label: 0,
    split: null,
    page,
  }));
  const paged = { ...dataset, images: [...pages, ...dataset.images] };
  const left = (...paths: string[]) => excludeFiles(paged, new Set(paths)).images.map(({ relative }) => relative);
  expect(left("a/z.tif#2", "a/1.png")).toEqual(["a/z.tif#1", "a/z.tif#3", "a/2.png", "b/3.png"]);
  expect(left("a/z.tif")).toEqual(["a/1.png", "a/2.png", "b/3.png"]);
  expect(() => left("a/z.tif#4")).toThrow("a/z.tif#4 not in /data");
});

it.each([
  [["a/9.png", "c.png"], "a/9.png and 1 more not in /data"],
  [["b/3.png"], 'class "b" is empty'],
])("refuses to leave out %j", (paths, message) => {
  expect(() => excludeFiles(dataset, new Set(paths))).toThrow(InputError);
  expect(() => excludeFiles(dataset, new Set(paths))).toThrow(message);
});
