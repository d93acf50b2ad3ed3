import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { openDicom } from "../images/dicom.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { listPages } from "./list-pages.js";
import { chunksOfFiles, parsePage, runsOfFiles, showPage } from "./paged-image.js";

const tiff = (name: string) => ({ path: repositoryFolder("fixtures", "tiff-samples", name), relative: `a/${name}` });
const mixed = (name: string) => ({ path: repositoryFolder("fixtures", "mixed-bits", name), relative: name });

describe("the pages of files", () => {
  it("are images of their own, in their order, with everything that the file's image had", async () => {
    const pages = tiff("int16-pages.tif");
    const images = [
      { ...tiff("int16.tif"), label: 4 },
      { ...pages, label: 7 },
      { ...mixed("disc/gray.jpg"), label: 1 },
    ];
    expect(await listPages(images)).toEqual([
      images[0],
      { ...pages, label: 7, relative: "a/int16-pages.tif#1", page: 1 },
      { ...pages, label: 7, relative: "a/int16-pages.tif#2", page: 2 },
      { ...pages, label: 7, relative: "a/int16-pages.tif#3", page: 3 },
      images[2],
    ]);
  });

  it("do not include smaller copies of others", async () => {
    const listed = await listPages([tiff("uint16-thumbnail.tif"), tiff("float32-pages.tif")]);
    expect(listed.map(({ relative, page }) => [relative, page])).toEqual([
      ["a/uint16-thumbnail.tif#1", 1],
      ["a/uint16-thumbnail.tif#3", 3],
      ["a/float32-pages.tif#1", 1],
      ["a/float32-pages.tif#2", 2],
    ]);
  });

  it("of DICOM are its frames", async () => {
    const names = readdirSync(repositoryFolder("fixtures", "dicom")).filter((name) =>
      /^(?!jpeg-2000).*\.dcm$/.test(name),
    );
    const files = names.map((name) => ({ path: repositoryFolder("fixtures", "dicom", name), relative: name }));
    const counts = new Map<string, number>();
    for (const { path } of await listPages(files)) counts.set(basename(path), (counts.get(basename(path)) ?? 0) + 1);
    for (const { path } of files) {
      const { frames } = openDicom(readFileSync(path));
      expect([basename(path), counts.get(basename(path))]).toEqual([basename(path), frames]);
    }
  });

  it("of a file that cannot be read, or that names its page, are that one image", async () => {
    const images = [
      mixed("stripes/truncated.tif"),
      mixed("stripes/text.dcm"),
      mixed("disc/monochrome2-signed.dcm"),
      { path: "/no/such/file.tif" },
      { ...tiff("int16-pages.tif"), page: 2 },
    ];
    expect(await listPages(images)).toEqual(images);
  });
});

describe("the text of a page", () => {
  it.each([
    ["a/file.tif#3", { path: "a/file.tif", page: 3 }],
    ["SCAN.TIFF#12", { path: "SCAN.TIFF", page: 12 }],
    ["x#1.dcm#2", { path: "x#1.dcm", page: 2 }],
    ["file.tif", { path: "file.tif" }],
    ["file.tif#0", { path: "file.tif#0" }],
    ["file.png#2", { path: "file.png#2" }],
    ["#3", { path: "#3" }],
  ])("%s is read, and shown again", (text, image) => {
    expect(parsePage(text)).toEqual(image);
    const { path, page } = parsePage(text);
    expect(showPage(path, page)).toBe(text);
  });
});

describe("pages that are read together", () => {
  const images = (text: string) => text.split(" ").map((one) => parsePage(one));
  const shown = (runs: readonly (readonly { readonly path: string; readonly page?: number | undefined }[])[]) =>
    runs.map((run) => run.map(({ path, page }) => showPage(path, page)).join(" "));

  it("are those of one file, side by side, in their order", () => {
    const runs = runsOfFiles(images("a.png z.tif#2 z.tif#1 b.png z.tif#3"));
    expect(shown(runs)).toEqual(["a.png", "z.tif#2 z.tif#1", "b.png", "z.tif#3"]);
  });

  it("are not so many that their planes fill the memory", () => {
    const many = Array.from({ length: 150 }, (_, i) => ({ path: "z.tif", page: i + 1 }));
    expect(runsOfFiles(many).map(({ length }) => length)).toEqual([64, 64, 22]);
  });

  it("stay in one chunk with others, or have one of their own", () => {
    expect(shown(chunksOfFiles(images("a.png b.png c.png d.png"), 3))).toEqual(["a.png b.png c.png", "d.png"]);
    const pages = "z.tif#1 z.tif#2 z.tif#3 z.tif#4";
    expect(shown(chunksOfFiles(images(`a.png ${pages} b.png`), 3))).toEqual(["a.png", pages, "b.png"]);
    expect(shown(chunksOfFiles(images("a.png z.tif#1 z.tif#2 b.png"), 3))).toEqual(["a.png z.tif#1 z.tif#2", "b.png"]);
  });
});
