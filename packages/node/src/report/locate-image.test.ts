import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { locateImage } from "./locate-image.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling locate-"));
  await mkdir(join(folder, "a"));
  await writeFile(join(folder, "a", "named.tif#3"), "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("finds images below a folder, and pages of them", () => {
  expect(locateImage(folder, "a/1.png")).toEqual({ path: join(folder, "a", "1.png") });
  expect(locateImage(folder, "a/scan.tif#3")).toEqual({ path: join(folder, "a", "scan.tif"), page: 3 });
  expect(locateImage(folder, "a/named.tif#3")).toEqual({ path: join(folder, "a", "named.tif#3") });
});

it.each(["../secret.png", "a/../../secret.png", "/etc/secret.png", "..", "", "a/.."])(
  "does not leave the folder by %j",
  (path) => {
    expect(locateImage(folder, path)).toBeUndefined();
  },
);

it("follows the paths of a CSV file wherever they lead, from the file's folder", () => {
  const csv = join(folder, "a", "images.CSV");
  expect(locateImage(csv, "../b/1.png")).toEqual({ path: join(folder, "b", "1.png") });
  expect(locateImage(csv, resolve("/data/1.png"))).toEqual({ path: resolve("/data/1.png") });
});
