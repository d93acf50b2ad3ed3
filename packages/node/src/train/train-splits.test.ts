import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling splits ü-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const trainSmall = (root: string, settings: TrainSettings = {}) =>
  train(root, {
    height: 64,
    width: 64,
    threads: 2,
    report: false,
    out: join(folder, "runs"),
    cache: join(folder, "cache"),
    ...settings,
  });

const readRun = (run: string, file: string) => readFile(join(run, file), "utf8");
const readJson = async (run: string, file: string) => JSON.parse(await readRun(run, file));
const rowsOf = async (run: string, file: string) =>
  (await readRun(run, file))
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));

const formats = ["gray.gif", "gray.jpg", "gray-8bit.png", "gray-16bit.png", "gray.bmp", "gray-lossless.webp"];

/** Twelve pictures of six patients, each of both classes, no two with the same content. */
const patients = Object.fromEntries(
  ["disc", "stripes"].flatMap((label) => formats.map((file, i) => [`${label}/p${i}_${file}`, `${label}/${file}`])),
);

async function makeFolder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, to)), { recursive: true });
    await copyFile(join(mixedBits, from), join(folder, name, to));
  }
  return join(folder, name);
}

const patientOf = (path: string) => /p\d/.exec(path)![0];

/** Sides by patient, from split.csv. */
async function sidesOf(run: string): Promise<Map<string, Set<string>>> {
  const sides = new Map<string, Set<string>>();
  for (const [path, , side] of (await rowsOf(run, "split.csv")).slice(1)) {
    const patient = patientOf(path!);
    sides.set(patient, (sides.get(patient) ?? new Set()).add(side!));
  }
  return sides;
}

describe("training with groups", () => {
  it("has no group on two sides, and reports images and groups of each", async () => {
    const events: TrainEvent[] = [];
    const settings = { validation: 0.34, test: 0.17, group: "(p[0-9])_" };
    const { folder: run } = await trainSmall(await makeFolder("patients", patients), {
      ...settings,
      onEvent: (event) => events.push(event),
    });
    const sides = await sidesOf(run);
    expect([...sides.values()].every((side) => side.size === 1)).toBe(true);
    expect([...sides.values()].map(([side]) => side).toSorted()).toEqual([
      "test",
      "train",
      "train",
      "train",
      "val",
      "val",
    ]);
    const { images, groups, options } = await readJson(run, "config.json");
    expect(images).toEqual({ train: 6, val: 4, test: 2 });
    expect(groups).toEqual({ by: "--group (p[0-9])_", train: 3, val: 2, test: 1 });
    expect(options).toMatchObject(settings);
    expect(events.filter(({ kind }) => kind === "split")).toHaveLength(1);
  });

  it("measures the test on its own, in metrics.json and with a column in predictions.csv", async () => {
    const { folder: run } = await trainSmall(await makeFolder("patients", patients), { validation: 0.2, test: 0.3 });
    const { validation, test } = await readJson(run, "metrics.json");
    const [header, ...rows] = await rowsOf(run, "predictions.csv");
    expect(header).toEqual(["path", "label", "split", "predicted", "novelty", "disc", "stripes"]);
    const split = (await rowsOf(run, "split.csv")).slice(1).filter(([, , side]) => side !== "train");
    expect(rows.map((row) => row.slice(0, 3))).toEqual(split);
    for (const [side, metrics] of [
      ["val", validation],
      ["test", test],
    ] as const) {
      const own = rows.filter((row) => row[2] === side);
      expect(own.length).toBeGreaterThan(1);
      expect(metrics.accuracy).toBe(own.filter(([, label, , predicted]) => label === predicted).length / own.length);
    }
  });

  it("folds whole groups, and tests the model of all folds on what was kept", async () => {
    const { folder: run } = await trainSmall(await makeFolder("patients", patients), {
      folds: 2,
      test: 0.17,
      group: "p[0-9]",
    });
    const sides = await sidesOf(run);
    expect([...sides.values()].every((side) => side.size === 1)).toBe(true);
    expect(new Set([...sides.values()].map(([side]) => side))).toEqual(new Set(["fold 1", "fold 2", "test"]));
    const { folds, test } = await readJson(run, "metrics.json");
    expect(folds.each).toHaveLength(2);
    expect(test.perClass.map(({ support }: { support: number }) => support)).toEqual([1, 1]);
    expect((await rowsOf(run, "predictions.csv")).length).toBe(13);
  });

  it("keeps copies of a file on one side", async () => {
    const copied = { ...patients, "disc/p9_copy.gif": "disc/gray.gif", "disc/p9_again.gif": "disc/gray.gif" };
    for (const seed of [0, 1, 2, 3]) {
      const { folder: run } = await trainSmall(await makeFolder("copied", copied), { validation: 0.3, seed });
      const sides = (await rowsOf(run, "split.csv")).filter(
        ([path]) => path!.endsWith(".gif") && path!.startsWith("disc"),
      );
      expect(new Set(sides.map(([, , side]) => side)).size).toBe(1);
      expect((await readJson(run, "config.json")).copies).toBe(2);
    }
  });
});

describe("training on what is split already", () => {
  it("tests on test/, and draws validation from train/ where there is no val/", async () => {
    const split = Object.fromEntries(
      Object.entries(patients).map(([to, from]) => [`${/p5/.test(to) ? "test" : "train"}/${to}`, from]),
    );
    const root = await makeFolder("train and test", split);
    const { folder: run } = await trainSmall(root, { validation: 0.2 });
    expect((await readJson(run, "config.json")).images).toEqual({ train: 8, val: 2, test: 2 });
    const error = await trainSmall(root, { test: 0.1 }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("is split already; leave out --test");
  });

  it("takes a CSV file, with its splits and groups, and names the run after it", async () => {
    await makeFolder("patients", patients);
    const lines = Object.keys(patients).map(
      (path, i) => `patients/${path},${path.split("/")[0]},${patientOf(path)},${i}`,
    );
    await writeFile(
      join(folder, "listed.csv"),
      `path,label,patient,number\n${lines.join("\n")}\npatients/none.png,disc,p0,0\n`,
    );
    const { folder: run, dataset } = await trainSmall(join(folder, "listed.csv"), {
      group: "patient",
      validation: 0.34,
    });
    expect(run).toBe(join(folder, "runs", "listed-1"));
    expect((await readJson(run, "config.json")).groups).toEqual({ by: "column patient", train: 4, val: 2 });
    expect(dataset.skipped.map(({ path }) => path)).toEqual(["patients/none.png"]);
    expect([...(await sidesOf(run)).values()].every((side) => side.size === 1)).toBe(true);
  });

  it("validates what Keras' flow_from_directory does: the first of each class, by name", async () => {
    const root = await makeFolder("patients", patients);
    const { folder: run } = await trainSmall(root, { split: "keras-generator", validation: 0.4 });
    const split = (await rowsOf(run, "split.csv")).slice(1);
    // Of six files one is .gif and one .webp, which Keras does not read: ⌊0.4 · 4⌋ = 1 of each class.
    expect(split.filter(([, , side]) => side === "val").map(([path]) => path)).toEqual([
      "disc/p1_gray.jpg",
      "stripes/p1_gray.jpg",
    ]);
    expect(split).toHaveLength(8);
  });
});
