import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataset } from "../dataset/open-dataset.js";
import { madeInspection } from "../testing/made-inspection.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type CheckReport, checkFolder } from "./check-folder.js";
import { fixList } from "./fix-list.js";
import { groupList } from "./group-list.js";
import { jsonReport } from "./json-report.js";
import { checkPage } from "./page/check-page.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "grayling-groups-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(relative: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, relative)), { recursive: true });
  await writeFile(join(root, relative), bytes);
}

/** A recorded file with another patient and other pixels; its Patient ID is "PAT-7". */
async function scan(patient: number, seed: number): Promise<Uint8Array> {
  const bytes = await readFile(join(repositoryFolder("fixtures", "dicom"), "rgb.dcm"));
  bytes.write(`PAT-${patient}`, bytes.indexOf("PAT-7"), "latin1");
  const pixels = bytes.indexOf(Buffer.of(0xe0, 0x7f, 0x10, 0x00)) + 12;
  const random = new SeededRandom(seed, "scan");
  for (let i = pixels; i < bytes.length; i++) bytes[i] = random.integer(256);
  return bytes;
}

function noise(seed: number) {
  const random = new SeededRandom(seed, "photo");
  const values = Uint8Array.from({ length: 24 * 24 }, () => random.integer(256));
  return sharp(values, { raw: { width: 24, height: 24, channels: 1 } }).resize(96, 96);
}

async function photo(seed: number, second: number, serial: string): Promise<Uint8Array> {
  const time = `2026:11:25 12:${String(Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}`;
  const exif = { IFD0: { Model: "Cam 5" }, IFD2: { DateTimeOriginal: time, BodySerialNumber: serial } };
  return noise(seed).withExif(exif).jpeg().toBuffer();
}

const scramble = (i: number) => `${"abcdefghij"[(7 * i + 3) % 10]}${"q".repeat(i % 6)}${"klmnopqrst"[(3 * i) % 10]}`;

const hashOf = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 10);

async function writePatients(): Promise<CheckReport> {
  for (let i = 0; i < 18; i++) await write(`${i % 2 ? "ill" : "well"}/${scramble(i)}${i}x.dcm`, await scan(i % 6, i));
  return checkFolder(root);
}

describe("groups that files tell", () => {
  it("are patients of DICOM headers, named by shortened hashes and nowhere by their identifiers", async () => {
    const report = await writePatients();
    const found = report.findings.find(({ check }) => check === "groups-by-patient");
    expect(found?.title).toBe("DICOM headers tell 6 patients of 3 pictures");
    expect(found?.severity).toBe("warning");
    expect(found?.groups.map((group) => group.length)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(found?.groups.flat().map(({ detail }) => detail)).toContain(`patient ${hashOf("PAT-2")}`);
    const { csv } = groupList(report.inspection, join(root, "groups.csv"));
    for (const text of [jsonReport(report), checkPage(report), fixList(report.findings), csv]) {
      expect(text).not.toContain("PAT-");
    }
  });

  it("are, in a list that train reads, on one side of every split", async () => {
    const { inspection } = await writePatients();
    const target = join(root, "lists", "groups.csv");
    const list = groupList(inspection, target);
    expect([list.pictures, list.groups, list.sources]).toEqual([18, 6, ["patients of DICOM headers"]]);
    await mkdir(dirname(target));
    await writeFile(target, list.csv);
    const { images, classes, groupedBy } = await openDataset(target);
    expect([images.length, classes, groupedBy]).toEqual([18, ["ill", "well"], "column group"]);
    for (const { path, group } of images) {
      const id = /PAT-\d/.exec((await readFile(path)).toString("latin1"))![0];
      expect(group).toBe(`patient ${hashOf(id)}`);
    }
  });

  it("are a problem where a ready-made split divides them", async () => {
    for (let i = 0; i < 18; i++) {
      const place = `${i < 12 ? "train" : "val"}/${i % 2 ? "ill" : "well"}`;
      await write(`${place}/${scramble(i)}${i}x.dcm`, await scan(i < 12 ? i % 6 : i % 2, i));
    }
    const { findings } = await checkFolder(root);
    const found = findings.find(({ check }) => check === "groups-by-patient");
    expect(`${found?.severity}: ${found?.title}`).toBe(
      "problem: DICOM headers tell 6 patients of 2 to 5 pictures, 2 of them on two sides of the ready-made split",
    );
  });

  it("are what one camera took within three seconds; cameras are a column of the list", async () => {
    const seconds = [0, 2, 5, 9, 100, 200, 202, 300, 400, 500]; // 0, 2, 5 follow each other; 9 comes too late
    for (const [i, second] of seconds.entries()) {
      const serial = second === 202 ? "B" : "A"; // of another camera, and so of another scene
      await write(`${i % 2 ? "ill" : "well"}/${scramble(i)}.jpg`, await photo(i, second, serial));
    }
    const { inspection, findings } = await checkFolder(root);
    const found = findings.find(({ check }) => check === "groups-by-capture");
    expect(found?.title).toBe("taken within 3 seconds of each other by one camera: 1 burst of 3 pictures");
    const { csv, groups } = groupList(inspection, join(root, "groups.csv"));
    expect(groups).toBe(8);
    const [header, ...rows] = csv.trim().split("\n");
    expect(header).toBe("path,label,group,camera");
    expect(new Set(rows.map((row) => row.split(",").at(-1)))).toEqual(
      new Set([`Cam 5 ${hashOf("A")}`, `Cam 5 ${hashOf("B")}`]),
    );
    expect(csv).not.toContain("SN");
  });

  it("are no cameras, but that each class has a camera of its own is a shortcut", async () => {
    for (let i = 0; i < 24; i++) {
      await write(`${i % 2 ? "ill" : "well"}/${scramble(i)}${i}x.jpg`, await photo(i, 60 * i, i % 2 ? "A" : "B"));
    }
    const { findings } = await checkFolder(root);
    const found = findings.filter(({ title }) => title.startsWith("camera"));
    expect(found.map(({ severity, title }) => `${severity}: ${title}`)).toEqual([
      "problem: camera tells the class: 100.0 % right by it alone, 50.0 % by always saying the commonest class",
    ]);
    expect(found[0]!.table?.[1]).toEqual(["ill", `Cam 5 ${hashOf("A")} (12)`]);
  });

  it("are joined where two sources say so: near copies of two patients' pictures", () => {
    const origin = (patient: string) => ({ origin: { patient } });
    const inspection = madeInspection(
      Array.from({ length: 18 }, (_, i) => ({ relative: `${i % 2 ? "a" : "b"}/${scramble(i)}${i}x.png` })),
    );
    const files = inspection.files.map((file, i) => ({ ...file, ...origin(`p${i % 6}`) }));
    const copied = files.map((file, i) => (i === 1 ? { ...file, picture: files[0]!.picture } : file));
    const { groups, csv, sources } = groupList({ ...inspection, files: copied }, "/made/groups.csv");
    expect(sources).toEqual(["patients of DICOM headers", "nearly the same picture"]);
    expect(groups).toBe(5);
    const rows = csv.split("\n").slice(1);
    expect(rows.filter((row) => row.endsWith(",patient p0"))).toHaveLength(6);
    expect(rows.filter((row) => row.endsWith(",patient p1"))).toHaveLength(0);
  });

  it("need classes to be listed", () => {
    expect(() => groupList(madeInspection([{ relative: "1.png" }]), "groups.csv")).toThrow(InputError);
  });
});

describe("what a DICOM file asks of a display", () => {
  it("and does not get is told with its name", async () => {
    const folder = repositoryFolder("fixtures", "dicom");
    for (const name of ["voi-lut-only", "rgb"])
      await write(`a/${name}.dcm`, await readFile(join(folder, `${name}.dcm`)));
    const { findings } = await checkFolder(root);
    const found = findings.filter(({ check }) => check === "display-note");
    expect(found.map(({ severity, title }) => `${severity}: ${title}`)).toEqual([
      "note: 1 DICOM picture not shown quite as its file asks",
    ]);
    expect(found[0]!.groups.flat().map(({ file, detail }) => [file.relative, detail])).toEqual([
      ["a/voi-lut-only.dcm", "its lookup table for display (VOI LUT) is not applied, and it has no window"],
    ]);
  });
});
