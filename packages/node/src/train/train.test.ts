import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError, sharpen } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePage } from "../dataset/paged-image.js";
import { createDecoder } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { version } from "../version.js";
import { type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
const readable = 76; // images: 70 files of one page, 2 of three

let folder: string;
let out: string;
let cache: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling train ü-"));
  [out, cache] = [join(folder, "runs"), join(folder, "cache")];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const trainSmall = (settings: TrainSettings = {}, root = mixedBits) =>
  train(root, { height: 64, width: 64, threads: 2, report: false, out, cache, ...settings });

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error("no error"),
    (error: Error) => error,
  );
}

const readRun = async (run: string, file: string) => readFile(join(run, file), "utf8");
const readJson = async (run: string, file: string) => JSON.parse(await readRun(run, file));

/** Rows of a CSV file without quoted newlines, by RFC 4180; not the code under test. */
function parseCsv(text: string): string[][] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
    ),
  );
}

/** Copies fixtures: `{ "train/a/1.png": "disc/gray.png" }`. */
async function makeFolder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, to)), { recursive: true });
    await copyFile(join(mixedBits, from), join(folder, name, to));
  }
  return join(folder, name);
}

const formats = ["gray.gif", "gray.jpg", "gray-8bit.png", "gray-16bit.png", "gray.bmp", "gray-lossless.webp"];

/** The first `count` encodings of a class' picture, below `to`. */
const someOf = (to: string, label: string, count: number, from = 0) =>
  Object.fromEntries(formats.slice(from, from + count).map((file) => [`${to}/${file}`, `${label}/${file}`]));

describe("a run folder", () => {
  let run: string;
  const events: TrainEvent[] = [];

  beforeAll(async () => {
    const result = await trainSmall({ name: "first", report: true, onEvent: (event) => events.push(event) });
    run = result.folder;
  });

  it("holds its files, and its parent nothing else", async () => {
    const files = [
      "MODEL_CARD.md",
      "charts",
      "config.json",
      "doubtful-labels.csv",
      "head.safetensors",
      "metrics.json",
      "model.onnx",
      "novelty.safetensors",
      "predictions.csv",
      "report.html",
      "results.csv",
      "split.csv",
    ];
    expect((await readdir(run)).sort()).toEqual(files);
    expect(await readdir(out)).toContain("first");
    expect((await readdir(out)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("tells in config.json what was done to which images, and which were left out", async () => {
    const config = await readJson(run, "config.json");
    expect(config).toMatchObject({
      dataset: mixedBits,
      classes: ["disc", "stripes"],
      options: {
        model: "efficientnet-lite0",
        height: 64,
        width: 64,
        validation: 0.2,
        head: "linear",
        seed: 0,
        device: "cpu",
      },
      weights: "ImageNet, bundled",
      isTransferred: true,
      images: { train: 60, val: 16 },
      ignored: 5,
      versions: { grayling: version(), node: process.versions.node },
    });
    // What does not apply is absent, not null.
    for (const absent of ["folds", "layers", "classWeights"]) expect(config.options).not.toHaveProperty(absent);
    expect(config.skipped).toHaveLength(12); // 10 damaged, and two of float32, which the window full does not take
    expect(config.skipped).toContainEqual({ path: "disc/truncated.jpg", reason: "truncated JPEG" });
    expect(config.skipped).toContainEqual({ path: "disc/empty.png", reason: "empty file (0 bytes)" });
  });

  it("lists every image in split.csv, a fifth of each class for validation", async () => {
    const [header, ...rows] = parseCsv(await readRun(run, "split.csv"));
    expect(header).toEqual(["path", "label", "split"]);
    expect(rows).toHaveLength(readable);
    expect(rows.every(([path, label]) => path!.startsWith(`${label}/`))).toBe(true);
    const count = (label: string, split: string) => rows.filter((row) => row[1] === label && row[2] === split).length;
    expect([count("disc", "train"), count("disc", "val")]).toEqual([30, 8]);
    expect([count("stripes", "train"), count("stripes", "val")]).toEqual([30, 8]);
  });

  it("has metrics.json from the probabilities in predictions.csv, which are those of the validation images", async () => {
    const [header, ...rows] = parseCsv(await readRun(run, "predictions.csv"));
    const validating = parseCsv(await readRun(run, "split.csv")).filter((row) => row[2] === "val");
    expect(header).toEqual(["path", "label", "predicted", "novelty", "disc", "stripes"]);
    expect(rows.map((row) => row.slice(0, 2))).toEqual(validating.map((row) => row.slice(0, 2)));
    let [correct, loss] = [0, 0];
    for (const [, label, predicted, , ...probabilities] of rows) {
      const [disc, stripes] = probabilities.map(Number) as [number, number];
      expect(disc + stripes).toBeCloseTo(1, 6);
      expect(predicted).toBe(disc >= stripes ? "disc" : "stripes");
      if (predicted === label) correct++;
      loss -= Math.log(Math.min(label === "disc" ? disc : stripes, 1 - 2 ** -23)) / rows.length; // scikit-learn clips
    }
    const { validation, folds, head } = await readJson(run, "metrics.json");
    expect(validation.accuracy).toBe(correct / rows.length);
    expect(validation.accuracy).toBeGreaterThan(0.9); // one disc or stripes, in every encoding
    expect(validation.logLoss).toBeCloseTo(loss, 9);
    expect(validation.perClass.map(({ support }: { support: number }) => support)).toEqual([8, 8]);
    expect(folds).toBeNull();
    expect([0.01, 0.1, 1, 10, 100]).toContain(head.C);
  });

  it("follows the head's loss in results.csv, trial steps included, down to the lowest", async () => {
    const [header, ...rows] = parseCsv(await readRun(run, "results.csv"));
    expect(header).toEqual(["evaluation", "loss"]);
    const losses = rows.map(([, loss]) => Number(loss));
    expect(losses.length).toBeGreaterThan(1);
    expect(losses.at(-1)! - Math.min(...losses)).toBeLessThan(1e-7); // the optimum is flat in float32
  });

  it("has a model.onnx that gives those probabilities in ONNX Runtime alone, from gray levels 0–255", async () => {
    const session = await InferenceSession.create(join(run, "model.onnx"));
    expect(session.inputNames).toEqual(["input_layer"]);
    expect(session.outputNames).toEqual(["predictions", "set", "novelty"]);
    const { sets, unknown } = await readJson(run, "metrics.json");
    const decode = await createDecoder({ height: 64, width: 64, fit: "stretch" });
    for (const [path, , , distance, ...probabilities] of parseCsv(await readRun(run, "predictions.csv")).slice(1)) {
      const { path: file, page } = parsePage(join(mixedBits, path!));
      const { plane } = await decode(await readFile(file), page);
      const { predictions, set, novelty } = await session.run({
        input_layer: new Tensor("float32", plane, [1, 1, 64, 64]),
      });
      // A difference of cosines near 1 in float32, over a threshold of a hundredth and more.
      expect(Math.abs((novelty!.data as Float32Array)[0]! - Number(distance)), path).toBeLessThan(
        1e-4 / unknown.distance,
      );
      const most = Math.max(...probabilities.map(Number));
      const near = (p: number, k: number) => Math.abs(p - Math.min(sets.thresholds[k], most)) < 2e-6;
      for (const [k, p] of probabilities.map(Number).entries()) {
        if (!near(p, k)) expect((set!.data as Float32Array)[k]).toBe(p > Math.min(sets.thresholds[k], most) ? 1 : 0);
      }
      for (const [i, value] of [...(predictions!.data as Float32Array)].entries()) {
        // Of the softmax of logits near 10 in float32, computed from a batch of another size.
        expect(Math.abs(value - Number(probabilities[i])), path).toBeLessThan(1e-6);
      }
    }
    await session.release();
  });

  it("was announced step by step", () => {
    const kinds = events.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
    expect(kinds).toEqual([
      "claimed",
      "dataset",
      "checked",
      "backbone",
      "values",
      "window",
      "features",
      "read",
      "split",
      "head",
      "report",
    ]);
  });
});

it("tells what headers say of the images before it reads them, unless it is told not to", async () => {
  const checked: string[] = [];
  const onEvent = (event: TrainEvent) => {
    if (event.kind === "checked") checked.push(...event.findings.map(({ check }) => check));
  };
  await trainSmall({ check: false, onEvent });
  expect(checked).toEqual([]);
  await trainSmall({ onEvent });
  expect(checked).toContain("mixed-storage"); // as the folder's name says
});

describe("the same training", () => {
  it("gives the same bytes, with features from the cache or computed anew; another seed gives others", async () => {
    const one = await trainSmall({ seed: 7 });
    const two = await trainSmall({ seed: 7, cache: undefined });
    const other = await trainSmall({ seed: 8 });
    expect(two.folder).not.toBe(one.folder);
    for (const file of ["config.json", "metrics.json", "predictions.csv", "results.csv", "split.csv", "model.onnx"]) {
      const [first, second, third] = await Promise.all(
        [one, two, other].map((result) => readFile(join(result.folder, file))),
      );
      expect(second!.equals(first!), file).toBe(true);
      expect(third!.equals(first!), file).toBe(false);
    }
  });

  it("gives the same bytes with a head of layers", async () => {
    const settings = { head: "dense(8, relu) dropout(0.3)", epochs: 4, optimizer: "adamw" };
    const [one, two] = [await trainSmall(settings), await trainSmall(settings)];
    for (const file of ["metrics.json", "predictions.csv", "model.onnx"]) {
      const [first, second] = await Promise.all([one, two].map((result) => readFile(join(result.folder, file))));
      expect(second!.equals(first!), file).toBe(true);
    }
  });
});

describe("what a training can be told", () => {
  it("trains a head of layers by epochs, and keeps what each came to", async () => {
    const { folder: run, validation } = await trainSmall({ head: "dense(16,relu)", epochs: 6, learningRate: 0.01 });
    const [header, ...rows] = parseCsv(await readRun(run, "results.csv"));
    expect(header).toEqual(["epoch", "loss", "accuracy", "stopLoss", "stopAccuracy", "learningRate"]);
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(rows.every((row) => row[5] === "0.01")).toBe(true);
    const { head } = await readJson(run, "metrics.json");
    expect(head.epochs).toBe(rows.length);
    const stopLosses = rows.map((row) => Number(row[3]));
    expect(stopLosses[head.bestEpoch - 1]).toBe(Math.min(...stopLosses));
    expect(validation!.metrics.accuracy).toBeGreaterThan(0.8);
  });

  it("cross-validates: every image is predicted once, by the head of its fold", async () => {
    const { folder: run } = await trainSmall({ folds: 3, seed: 2 });
    const { validation, folds } = await readJson(run, "metrics.json");
    expect(validation).toBeNull();
    const split = parseCsv(await readRun(run, "split.csv")).slice(1);
    const predictions = parseCsv(await readRun(run, "predictions.csv")).slice(1);
    expect(predictions.map(([path]) => path)).toEqual(split.map(([path]) => path));
    expect(predictions).toHaveLength(readable);
    const accuracies = [1, 2, 3].map((fold) => {
      const own = predictions.filter((_, i) => split[i]![2] === `fold ${fold}`);
      expect(Math.abs(own.length - readable / 3)).toBeLessThan(2); // pages of a file stay together
      return own.filter(([, label, predicted]) => label === predicted).length / own.length;
    });
    expect(folds.each.map(({ accuracy }: { accuracy: number }) => accuracy)).toEqual(accuracies);
    const mean = (accuracies[0]! + accuracies[1]! + accuracies[2]!) / 3;
    const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / 2;
    expect(folds.accuracy.mean).toBeCloseTo(mean, 12);
    expect(folds.accuracy.sd).toBeCloseTo(Math.sqrt(variance), 12);
    const { images } = await readJson(run, "config.json");
    expect(images).toEqual({ train: readable, val: 0 }); // the model itself is trained on all
  });

  it("measures nothing without validation images", async () => {
    const { folder: run, validation } = await trainSmall({ validation: 0 });
    expect(validation).toBeUndefined();
    expect(await readJson(run, "metrics.json")).toMatchObject({ validation: null, folds: null });
    expect(await readRun(run, "predictions.csv")).toBe("path,label,predicted,disc,stripes\n");
    expect((await readJson(run, "config.json")).images).toEqual({ train: readable, val: 0 });
  });

  it("gives the smaller class more say with balanced class weights", async () => {
    // Pictures that are hard to tell apart: each class holds pictures of both.
    const root = await makeFolder("unbalanced", {
      ...someOf("large", "disc", 6),
      ...someOf("large", "stripes", 4),
      ...someOf("small", "stripes", 2, 4),
    });
    const meanOfSmall = async (classWeights?: string) => {
      const { folder: run } = await trainSmall({ folds: 2, classWeights }, root);
      expect((await readJson(run, "config.json")).options.classWeights).toBe(classWeights);
      const { temperature } = (await readJson(run, "metrics.json")).calibration;
      const rows = parseCsv(await readRun(run, "predictions.csv")).slice(1);
      const raw = rows.map((row) => sharpen(Float32Array.from(row.slice(4), Number), 2, temperature)[1]!);
      return raw.reduce((a, b) => a + b, 0) / rows.length;
    };
    expect(await meanOfSmall("balanced")).toBeGreaterThan(await meanOfSmall());
  });

  it("validates on val/ where the folder is split already, and refuses to cross-validate that", async () => {
    const root = await makeFolder("split", {
      ...someOf("train/a", "disc", 4),
      ...someOf("train/b", "stripes", 4),
      ...someOf("val/a", "disc", 2, 4),
      ...someOf("val/b", "stripes", 1, 4),
    });
    const { folder: run, isValidation } = await trainSmall({ validation: 0.5 }, root);
    expect(isValidation).toEqual([...Array(8).fill(false), ...Array(3).fill(true)]);
    const predictions = parseCsv(await readRun(run, "predictions.csv")).slice(1);
    expect(predictions.map(([path]) => path)).toEqual(
      ["val/a/gray.bmp", "val/a/gray-lossless.webp", "val/b/gray.bmp"].sort(),
    );
    const error = await failure(trainSmall({ folds: 2 }, root));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("is split into train and val already; leave out --folds");
  });

  it("measures nothing where no image of val/ can be read, and never draws others in their place", async () => {
    const root = await makeFolder("unreadable validation", {
      ...someOf("train/a", "disc", 3),
      ...someOf("train/b", "stripes", 3),
      "val/a/truncated.jpg": "disc/truncated.jpg",
      "val/b/empty.jpg": "stripes/empty.jpg",
    });
    const { validation, dataset, isValidation } = await trainSmall({}, root);
    expect(validation).toBeUndefined();
    expect(isValidation).toEqual(Array(6).fill(false));
    expect(dataset.skipped.map(({ path }) => path)).toEqual(["val/a/truncated.jpg", "val/b/empty.jpg"]);
  });

  it("says so when nothing is transferred", async () => {
    const { folder: run } = await trainSmall({ weights: "random", seed: 3, validation: 0.5, keepFeatures: false });
    expect(await readJson(run, "config.json")).toMatchObject({ weights: "random, seed 3", isTransferred: false });
  });
});

describe("what a training cannot be told is refused", () => {
  it.each([
    ["one class", someOf("only", "disc", 2), 'expected at least two classes, got one, "only"'],
    ["a class without images", { ...someOf("a", "disc", 2), "b/notes.txt": "disc/notes.txt" }, 'class "b" is empty'],
    [
      "a class of which nothing can be read",
      { ...someOf("a", "disc", 2), "b/empty.jpg": "stripes/empty.jpg", "b/text.png": "stripes/text.png" },
      'class "b" is empty, expected at least one readable image, all 2 were skipped, b/empty.jpg: empty file (0 bytes)',
    ],
  ])("%s", async (name, files, message) => {
    const error = await failure(trainSmall({ name }, await makeFolder(name, files)));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
    expect(await readdir(out)).not.toContain(name);
  });

  const inputs: readonly [TrainSettings, string][] = [
    [{ model: "efficientnet-lit0" }, '(did you mean "efficientnet-lite0"?)'],
    [{ height: 31 }, "height 31: expected a whole number of at least 32"],
    [{ fit: "squash" }, 'fit "squash": expected one of stretch, letterbox, crop'],
    [{ pooling: "mean" }, 'pooling "mean": expected one of avg, max'],
    [{ validation: 1 }, "validation 1: expected a number from 0 up to 1 (not 1 itself)"],
    [{ validation: Number.NaN }, "validation NaN: expected a number from 0 up to 1"],
    [{ folds: 1 }, "folds 1: expected a whole number of at least 2"],
    [{ folds: 1000 }, "folds: expected a whole number from 2 to the"],
    [{ head: "dens(8)" }, "unknown layer, expected one of linear, flatten, dense(units)"],
    [{ classWeights: "equal" }, 'class weights "equal": expected one of balanced'],
    [{ head: "dense(4)", optimizer: "adamx" }, '(did you mean "adam"?)'],
    [{ learningRate: 0.1 }, 'learning rate: only a head of layers has it, got head "linear"'],
    [{ head: "dense(4)", momentum: 0.9 }, "momentum: only the optimizer sgd has it, got adam"],
    [{ validation: 0.5, test: 0.5 }, "validation 0.5, test 0.5: expected less than 1 together"],
    [{ test: 1 }, "test 1: expected a number from 0 up to 1"],
    [{ split: "keras" }, 'split "keras": Keras has several, write keras-generator for ImageDataGenerator'],
    [{ split: "keras-dataset", folds: 3 }, "split keras-dataset: Keras' validation_split knows no folds"],
    [{ split: "keras-generator", group: "x" }, "split keras-generator: Keras' validation_split knows no group"],
    [{ group: "(" }, 'group "(": expected a regular expression'],
    [{ group: "gray" }, 'images do not match, expected all, got "disc/'],
    [{ group: "^(disc|stripes)/", folds: 3 }, "folds: expected a whole number from 2 to the 2 groups"],
    [{ folds: 2, validation: 0.1 }, "validation, folds: with folds every image validates once"],
    [{ batch: 0 }, "batch 0: expected a whole number of at least 1"],
    [{ seed: -1 }, "seed -1: expected a whole number of at least 0"],
    [{ device: "gpu" }, 'device "gpu": expected one of auto, cpu'],
    [
      { weights: "no such file.h5" },
      'weights no such file.h5: no such file, expected a weight file, "imagenet" or "random"',
    ],
    [{ model: "efficientnet-lite1" }, "efficientnet-lite1: "],
  ];
  it.each(inputs)("%j, before any image is decoded", async (settings, message) => {
    const kinds: string[] = [];
    const error = await failure(trainSmall({ ...settings, name: "refused", onEvent: ({ kind }) => kinds.push(kind) }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
    expect(kinds).not.toContain("features");
    expect(await readdir(out)).not.toContain("refused");
  });
});

describe("stopping a training", () => {
  it.each(["features", "read", "head"] as const)("at %s leaves no run folder", async (kind) => {
    const controller = new AbortController();
    const reason = new Error("stopped by the test");
    const onEvent = (event: TrainEvent) => {
      if (event.kind === kind) controller.abort(reason);
    };
    for (const head of ["linear", "dense(4)"]) {
      const settings = { name: "stopped", head, signal: controller.signal, onEvent, keepFeatures: false };
      expect(await failure(trainSmall(settings))).toBe(reason);
    }
    expect((await readdir(out)).filter((name) => name.includes("stopped") || name.startsWith("."))).toEqual([]);
  });

  it("keeps the features for the next one", async () => {
    const controller = new AbortController();
    const other = join(folder, "another cache");
    const onEvent = (event: TrainEvent) => {
      if (event.kind === "features" && event.done >= 16) controller.abort(new Error("stopped"));
    };
    await failure(trainSmall({ cache: other, batch: 8, signal: controller.signal, onEvent }));
    const read: TrainEvent[] = [];
    await trainSmall({ cache: other, batch: 8, onEvent: (event) => event.kind === "read" && read.push(event) });
    const [event] = read;
    expect(event?.kind === "read" && event.features.cached).toBeGreaterThanOrEqual(8);
  });
});
