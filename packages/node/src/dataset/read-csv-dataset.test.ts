import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCsvDataset } from "./read-csv-dataset.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "grayling csv ü-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
}

async function read(text: string | Uint8Array, group?: string) {
  writeFileSync(join(root, "data.csv"), text);
  return readCsvDataset(join(root, "data.csv"), { group });
}

describe("a CSV dataset", () => {
  it("has classes in byte order, and images by class and path whatever the order of the lines", async () => {
    put("x/2.png", "x/10.png", "y, z.png", "ü.png");
    const dataset = await read('label,path\r\nb,x/2.png\r\na,"y, z.png"\r\nb,x/10.png\r\nZ,./ü.png\r\n');
    expect(dataset.classes).toEqual(["Z", "a", "b"]);
    expect(dataset.images).toEqual([
      { path: join(root, "ü.png"), relative: "ü.png", label: 0, split: null },
      { path: join(root, "y, z.png"), relative: "y, z.png", label: 1, split: null },
      { path: join(root, "x/10.png"), relative: "x/10.png", label: 2, split: null },
      { path: join(root, "x/2.png"), relative: "x/2.png", label: 2, split: null },
    ]);
    expect(dataset.root).toBe(join(root, "data.csv"));
    expect(dataset).not.toHaveProperty("groupedBy");
  });

  it("takes splits and groups from columns, in capitals too, and passes others over", async () => {
    put("1.png", "2.png", "3.png", "4.png");
    const text =
      "\uFEFFPath,Label,Age,Split,Group,Doctor\n1.png,a,3,Train,p1,x\n2.png,b,4,train,p2,x\n3.png,a,5,valid,p3,y\n4.png,b,6,TEST,p4,y\n";
    const dataset = await read(text);
    expect(dataset.images.map(({ split, group }) => [split, group])).toEqual([
      ["train", "p1"],
      ["train", "p2"],
      ["val", "p3"],
      ["test", "p4"],
    ]);
    expect(dataset.groupedBy).toBe("column group");
    const byDoctor = await read(text, "doctor");
    expect(byDoctor.images.map(({ group }) => group)).toEqual(["x", "x", "y", "y"]);
    expect(byDoctor.groupedBy).toBe("column doctor");
  });

  it("leaves validation to be drawn where no row validates", async () => {
    put("1.png", "2.png", "3.png");
    const { images } = await read("path,label,split\n1.png,a,train\n2.png,b,train\n3.png,b,test\n");
    expect(images.map(({ split }) => split)).toEqual([null, null, "test"]);
  });

  it("follows paths out of its folder, to files that exist, and skips the others with a reason", async () => {
    put("in/1.png", "out/2.png", "out/folder/x.png");
    writeFileSync(
      join(root, "in/data.csv"),
      `path,label\n1.png,a\n../out/2.png,b\n${join(root, "out/none.png")},b\n../out/folder,a\n../../../../../../etc/none,a\n`,
    );
    const { images, skipped } = await readCsvDataset(join(root, "in/data.csv"));
    expect(images.map(({ relative, path }) => [relative, path])).toEqual([
      ["1.png", join(root, "in/1.png")],
      ["../out/2.png", join(root, "out/2.png")],
    ]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      "no such file: removed meanwhile, or a broken link",
      "no file, expected an image",
      "no such file: removed meanwhile, or a broken link",
    ]);
    expect(skipped[0]!.path).toBe("../out/none.png");
  });
});

describe("pages in a CSV dataset", () => {
  it("are images of their own, and a file that bears such a name is that file", async () => {
    put("z.tif", "scan.dcm", "odd.tif#2", "b.png");
    const { images, skipped } = await read(
      "path,label,group\nz.tif#3,a,p\nz.tif#1,b,p\nscan.dcm#2,a,q\nodd.tif#2,b,r\nb.png#2,b,s\nnone.tif#2,a,t\n",
    );
    expect(images).toEqual([
      { path: join(root, "scan.dcm"), page: 2, relative: "scan.dcm#2", label: 0, split: null, group: "q" },
      { path: join(root, "z.tif"), page: 3, relative: "z.tif#3", label: 0, split: null, group: "p" },
      { path: join(root, "odd.tif#2"), relative: "odd.tif#2", label: 1, split: null, group: "r" },
      { path: join(root, "z.tif"), page: 1, relative: "z.tif#1", label: 1, split: null, group: "p" },
    ]);
    const reason = "no such file: removed meanwhile, or a broken link";
    expect(skipped).toEqual([
      { path: "b.png#2", reason }, // a PNG has no pages
      { path: "none.tif#2", reason },
    ]);
  });

  it("come once each, and not together with their file, which stands for all of them", async () => {
    put("z.tif", "y.tif");
    await expect(read("path,label\nz.tif#1,a\nz.tif#1,b\n")).rejects.toThrow('line 3: "z.tif#1" is on line 2 already');
    const both = read("path,label\nz.tif,a\nz.tif#1,b\ny.tif,b\n");
    await expect(both).rejects.toThrow('"z.tif#1" is a page of a file that is listed whole as well');
    await expect(both).rejects.toThrow(InputError);
  });
});

describe("a CSV dataset that is only measured", () => {
  it("needs images of a class on any side, and has them as they are said to be", async () => {
    put("1.png", "2.png");
    writeFileSync(join(root, "data.csv"), "path,label,split\n1.png,a,test\n2.png,b,test\n9.png,b,test\n");
    const { images, skipped } = await readCsvDataset(join(root, "data.csv"), { trains: false });
    expect(images.map(({ split }) => split)).toEqual(["test", "test"]);
    expect(skipped).toHaveLength(1);
    writeFileSync(join(root, "data.csv"), "path,label,split\n1.png,a,test\n9.png,b,test\n");
    await expect(readCsvDataset(join(root, "data.csv"), { trains: false })).rejects.toThrow('class "b" is empty');
  });
});

describe("a CSV file that is none, or hostile, gets one clear line", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `1.png/../${i}.png,class ${i}\n`).join("");
  const cases: readonly [name: string, text: string | Uint8Array, message: string][] = [
    ["nothing", "", "expected a first line path,label[,split][,group], got nothing"],
    ["a header alone", "path,label\n", "expected a line for each image below the first, got none"],
    ["no header", "1.png,a\n", 'expected a first line path,label[,split][,group], got "1.png,a"'],
    ["semicolons", "path;label\n1.png;a\n", 'expected a first line path,label[,split][,group], got "path;label"'],
    ["a column twice", "path,label,label\n", 'names the column "label" twice'],
    ["fields missing", "path,label\n1.png,a\n2.png\n", "line 3: expected 2 fields, as the first line has, got 1"],
    ["fields too many", "path,label\n1.png,a,b\n", "line 2: expected 2 fields, as the first line has, got 3"],
    ["no label", "path,label\n1.png,\n", "line 2: expected a label, got none"],
    ["no group", "path,label,group\n1.png,a,\n", "line 2: expected a group, got none"],
    ["a NUL in a path", "path,label\n1\0.png,a\n", "line 2: expected a path, got none"],
    ["a split of its own", "path,label,split\n1.png,a,dev\n", 'line 2: split "dev", expected train, val or test'],
    ["a path twice", "path,label\n1.png,a\nx/../1.png,b\n", 'line 3: "x/../1.png" is on line 2 already'],
    ["one class", "path,label\n1.png,a\n2.png,a\n", 'expected at least two classes, got one, "a"'],
    ["10,000 classes", `path,label\n${many}`, "10000 classes, expected at most 5000; is each label really a class?"],
    [
      "files that are missing",
      "path,label\n1.png,a\n9.png,b\n",
      'class "b" is empty, expected at least one readable image, all 1 were skipped, 9.png: no such file',
    ],
    ["a class that is only tested", "path,label,split\n1.png,a,train\n2.png,b,test\n", 'class "b" is empty'],
    ["an open quote", 'path,label\n"1.png,a\n', "line 2: a quote"],
    ["bytes", Uint8Array.of(0x70, 0xff, 0xfe, 0x00), "expected a CSV file in UTF-8, got other bytes"],
    ["control characters", "\u001b[31mpath,label\n", 'got "'],
  ];
  it.each(cases)("%s", async (_, text, message) => {
    put("1.png", "2.png");
    const error = await read(text).then(
      () => new Error("no error"),
      (reason: Error) => reason,
    );
    expect(error.message).toContain(message);
    expect(error).toBeInstanceOf(InputError);
    expect(["\n", "\r", "\u001b"].filter((control) => error.message.includes(control))).toEqual([]);
  });
});
