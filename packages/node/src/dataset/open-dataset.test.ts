import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { groupsOf } from "./dataset.js";
import { matchGroups } from "./match-groups.js";
import { type OpenOptions, openDataset } from "./open-dataset.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "grayling open ü-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

async function failure(options: OpenOptions = {}): Promise<Error> {
  return openDataset(root, options).then(
    () => new Error("no error"),
    (error: Error) => error,
  );
}

describe("groups from a regular expression", () => {
  it("are its first capture group, or the whole match", () => {
    const paths = ["a/patient_7_1.png", "a/patient_12_1.png", "b/patient_7_9.png"];
    expect(matchGroups(paths, String.raw`patient_(\d+)`)).toEqual(["7", "12", "7"]);
    expect(matchGroups(paths, String.raw`patient_\d+`)).toEqual(["patient_7", "patient_12", "patient_7"]);
  });

  it("must match every path: the first that does not is named, all are counted", () => {
    const paths = ["a/patient_7.png", "a/x\n1.png", "b/y.png"];
    for (const pattern of [String.raw`patient_(\d+)`, ".|(7)", String.raw`(\d*)`]) {
      expect(() => matchGroups(paths, pattern)).toThrow(InputError);
    }
    expect(() => matchGroups(paths, String.raw`patient_(\d+)`)).toThrow(
      /2 of 3 images do not match, expected all, got "a\/x[^\n]+1.png"/,
    );
  });

  it("refuse what is no pattern, and one that would run for years", { timeout: 60_000 }, () => {
    expect(() => matchGroups(["a"], "(a")).toThrow(/group "\(a": expected a regular expression, got .*Unterminated/);
    expect(() => matchGroups([`${"a".repeat(60)}!`], "^(a+)+$")).toThrow(
      /takes more than 10 s; a repetition inside a repetition/,
    );
  });

  it("are those of the images, and refused where a ready-made split divides them", async () => {
    put({ "a/p1_1.png": "1", "a/p2_1.png": "2", "b/p1_2.png": "3", "b/p3_1.png": "4" });
    const dataset = await openDataset(root, { group: "p([0-9]+)_" });
    expect(dataset.images.map(({ group }) => group)).toEqual(["1", "2", "1", "3"]);
    expect(dataset.groupedBy).toBe("--group p([0-9]+)_");
    expect((await failure({ group: "png" })).message).toContain("all 4 images are in one group");
    rmSync(root, { recursive: true });
    put({ "train/a/p1.png": "1", "train/b/p2.png": "2", "val/a/p1.png": "3", "val/b/p4.png": "4" });
    const error = await failure({ group: "p([0-9]+)" });
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain('the ready-made split has 1 group on two sides, the first "1"');
  });
});

describe("files that a list leaves out", () => {
  const exclude = (...paths: string[]) => {
    put({ "list.csv": `path\n${paths.join("\n")}\n` });
    return join(root, "list.csv");
  };

  it("need not match the pattern of the groups, and are no copies of others", async () => {
    put({ "a/p1_1.png": "1", "a/cut.png": "same", "a/p2_1.png": "2", "b/p1_2.png": "3", "b/p3_1.png": "same" });
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const { images, copies } = await openDataset(root, {
      group: "p([0-9]+)_",
      exclude: exclude("a/cut.png"),
      onWarning,
    });
    expect(images.map(({ group }) => group)).toEqual(["1", "2", "1", "3"]);
    expect([copies, warnings]).toEqual([undefined, []]);
    expect((await failure({ group: "p([0-9]+)_" })).message).toContain(
      '1 of 5 images do not match, expected all, got "a/cut.png"',
    );
  });

  it("count in Keras' split, which knows nothing of the list", async () => {
    const names = ["0", "1", "2", "3", "4"].flatMap((i) => [`a/${i}.png`, `b/${i}.png`]);
    put(Object.fromEntries(names.map((name) => [name, name])));
    const keras = { name: "keras-generator", fraction: 0.4, seed: 0 } as const;
    const { images } = await openDataset(root, { keras, exclude: exclude("a/0.png", "b/4.png") });
    const val = images.filter(({ split }) => split === "val").map(({ relative }) => relative);
    expect(val).toEqual(["a/1.png", "b/0.png", "b/1.png"]);
  });
});

it("says of a word that is neither a column nor a pattern that it is no column", async () => {
  put({ "1.png": "1", "2.png": "2", "list.csv": "path,label,group\n1.png,a,x\n2.png,b,y\n" });
  const error = await openDataset(join(root, "list.csv"), { group: "gruop" }).catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(/group "gruop": no column has this name, and as a pattern 2 of 2 images/);
});

describe("copies of a file", () => {
  it("are one group, and join the groups they are in", async () => {
    put({ "a/1.png": "same", "a/2.png": "other", "b/3.png": "same", "b/4.png": "size", "b/5.png": "", "a/6.png": "" });
    const { images, copies } = await openDataset(root);
    expect(copies).toBe(1);
    const names = groupsOf(images);
    expect(new Set(names).size).toBe(5); // empty files are no copies: they cannot be read anyway
    expect(names[images.findIndex(({ relative }) => relative === "b/3.png")]).toBe(names[0]);
    put({ "a/p1_9.png": "same", "a/p2_9.png": "nine" });
    for (const name of ["a/1.png", "a/2.png", "b/4.png", "b/5.png", "a/6.png", "b/3.png"]) rmSync(join(root, name));
    put({ "b/p2_3.png": "same", "b/p3_3.png": "nine", "b/p4_4.png": "four" });
    const grouped = await openDataset(root, { group: "p([0-9])" });
    // p1_9 = p2_3 and p2_9 = p3_3: patients 1, 2 and 3 hang together.
    expect(new Set(groupsOf(grouped.images)).size).toBe(2);
  });

  it("are not the pages of a file, which are one group all the same and warned of where a split divides them", async () => {
    put({ "z.tif": "same", "y.tif": "same", "b.png": "b", "c.png": "c" });
    const lines = "z.tif#1,a,train\nz.tif#2,a,val\ny.tif#1,a,val\nb.png,b,train\nc.png,b,val\n";
    put({ "list.csv": `path,label,split\n${lines}` });
    const warnings: string[] = [];
    const { images, copies } = await openDataset(join(root, "list.csv"), {
      onWarning: (message) => warnings.push(message),
    });
    expect(copies).toBe(1); // y.tif
    const groups = new Map(groupsOf(images).map((group, i) => [images[i]!.relative, group]));
    expect(groups.get("z.tif#1")).toBe(groups.get("z.tif#2"));
    expect(groups.get("z.tif#1")).toBe(groups.get("y.tif#1"));
    expect(new Set(groups.values()).size).toBe(3);
    expect(warnings).toEqual([
      "1 pair of files with the same content is on two sides of the ready-made split, the first z.tif#1 (a) and y.tif#1 (a)",
      "1 pair of pages of one file is on two sides of the ready-made split, the first z.tif#1 (a) and z.tif#2 (a)",
    ]);
  });

  it("of several pages are one pair, whatever their pages", async () => {
    put({ "z.tif": "same", "y.tif": "same", "list.csv": "path,label\nz.tif#1,a\nz.tif#2,a\ny.tif#1,b\ny.tif#2,b\n" });
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const { images } = await openDataset(join(root, "list.csv"), { onWarning });
    expect(new Set(groupsOf(images)).size).toBe(1);
    expect(warnings).toEqual([
      "1 pair of files with the same content is in two classes, the first z.tif#1 (a) and y.tif#1 (b)",
    ]);
  });

  it("leave a dataset without any as it was", async () => {
    put({ "a/1.png": "1", "b/2.png": "2" });
    const dataset = await openDataset(root);
    expect(dataset).not.toHaveProperty("copies");
    expect(dataset.images.every((image) => !("group" in image))).toBe(true);
  });

  it("are a warning where they have two labels, or a ready-made split divides them", async () => {
    put({ "train/a/1.png": "same", "train/b/2.png": "two", "val/b/1.png": "same", "val/a/3.png": "x" });
    const warnings: string[] = [];
    await openDataset(root, { onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual([
      "1 pair of files with the same content is on two sides of the ready-made split, the first train/a/1.png (a) and val/b/1.png (b)",
      "1 pair of files with the same content is in two classes, the first train/a/1.png (a) and val/b/1.png (b)",
    ]);
  });
});

describe("Keras' splits of a folder", () => {
  const readFixture = (name: string) => JSON.parse(readFileSync(repositoryFolder("fixtures", "splits", name), "utf8"));
  const golden = readFixture("datagen.json");
  const open = (name: "keras-generator" | "keras-dataset" | "keras-dataset-unshuffled", seed = 1) =>
    openDataset(root, { keras: { name, fraction: 0.2, seed } });
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").toString("latin1");
  beforeEach(() => {
    for (const [name, files] of Object.entries<string[]>(golden.tree)) {
      put(Object.fromEntries(files.map((file, i) => [`${name}/${file}`, `${png}${name}${i}`])));
    }
  });

  it("are its own, file by file; what its loader does not read is skipped", async () => {
    for (const [name, expected, unread] of [
      ["keras-generator", [golden.flowFromDirectory, "training", "validation"], ["malignant/m3.gif"]],
      ["keras-dataset-unshuffled", [golden.imageDatasetFromDirectory, "training", "validation"], ["malignant/m2.tif"]],
      [
        "keras-dataset",
        [golden.imageDatasetFromDirectory, "trainingShuffled", "validationShuffled"],
        ["malignant/m2.tif"],
      ],
    ] as const) {
      const [sides, train, val] = expected;
      if (name === "keras-dataset-unshuffled") {
        // The last fifth of all files is most of the last class; here nothing of it is left.
        const error = await open(name).catch((reason: Error) => reason);
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).toContain('class "malignant": Keras\' split leaves nothing of it to train on');
        continue;
      }
      const dataset = await open(name);
      const of = (side: string) => dataset.images.filter(({ split }) => split === side).map(({ relative }) => relative);
      expect(of("train").toSorted()).toEqual(sides[train].files.toSorted());
      expect(of("val").toSorted()).toEqual(sides[val].files.toSorted());
      expect(dataset.skipped.map(({ path }) => path)).toEqual(unread);
    }
  });

  it("count hidden files, linked files and linked classes as Keras does, though they are not trained on", async () => {
    put({ "benign/.a.png": "hidden", "benign/._b.png": "fork" });
    mkdirSync(join(root, "benign", "real"));
    symlinkSync(join(root, "Normal", "deep"), join(root, "benign", "linked"));
    const { images } = await open("keras-generator");
    const val = images.filter(({ split, relative }) => split === "val" && relative.startsWith("benign/"));
    // ⌊0.2 · 13⌋ = 2, the first of which are hidden; without them it would be b0 and b1.
    expect(val).toEqual([]);
    expect(images.some(({ relative }) => relative.startsWith("benign/linked/"))).toBe(false);
  });

  it("are refused where the folder is split already", async () => {
    rmSync(root, { recursive: true });
    put({ "train/a/1.png": "1", "train/b/1.png": "2", "val/a/1.png": "3" });
    await expect(open("keras-generator")).rejects.toThrow("is split already; leave --split out");
  });
});
