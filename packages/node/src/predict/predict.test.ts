import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { bind, GraphBuilder, InputError, kerasFormats, largestDifference, WeightsError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportModel } from "../export/export-model.js";
import { openSource } from "../export/open-source.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { goldenGray } from "../testing/golden-gray.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { type TrainResult, train } from "../train/train.js";
import { evaluate } from "./evaluate.js";
import { type Classifier, openClassifier } from "./open-classifier.js";
import { type Prediction, type PredictOptions, predict, type Skipped, topClasses } from "./predict.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
const runtime = new OrtRuntime();

let folder: string;
let run: TrainResult;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling predict ü-"));
  run = await train(mixedBits, { report: false, height: 48, width: 64, fit: "crop", out: folder, validation: 0.3 });
  classifier = await openClassifier(runtime, run.folder);
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error("no error"),
    (error: Error) => error,
  );
}

async function predictAll(paths: readonly string[], options: PredictOptions = {}): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const prediction of predict(classifier, paths, options)) predictions.push(prediction);
  return predictions;
}

/** Copies fixtures: `{ "a/1.png": "disc/gray.png" }`. */
async function makeFolder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [to, from] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name, to)), { recursive: true });
    await copyFile(join(mixedBits, from), join(folder, name, to));
  }
  return join(folder, name);
}

describe("opening a classifier", () => {
  it("takes a run folder or the model file in it, and reads from the file what to feed it", async () => {
    const byFile = await openClassifier(runtime, join(run.folder, "model.onnx"));
    expect(byFile.source).toBe(classifier.source);
    expect(classifier.classes).toEqual(["disc", "stripes"]);
    expect(classifier.framing).toEqual({ height: 48, width: 64, fit: "crop" });
  });

  it("takes a classifier that Keras saved, whose classes have no names, as .keras and as the ONNX file of it", async (context) => {
    const path = sharedFolder("golden", "weights", "user_model.keras");
    if (path === undefined || !existsSync(path)) return context.skip("no user_model.keras in shared/golden/weights");
    const opened = await openClassifier(runtime, path);
    expect(opened.classes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => `class ${i}`));
    expect(opened.framing).toEqual({ height: 84, width: 112, fit: "stretch" });
    const onnx = join(folder, "user.onnx");
    await exportModel((await openSource(path, {})).source, { out: onnx });
    const golden = JSON.parse(readFileSync(path.replace(/keras$/, "json"), "utf8"));
    for (const { session } of [opened, await openClassifier(runtime, onnx)]) {
      const images = { shape: [2, 1, 84, 112], data: goldenGray(2, 84, 112) };
      const { predictions } = await session.run({ input_layer: images });
      // Keras' own float32 is up to 5.1e-7 off its float64 here; another order of sums gets three times that.
      expect(largestDifference(predictions!.data, golden.probabilities.flat()).difference).toBeLessThan(1.6e-6);
    }
  });

  it("takes a gray classifier of Keras as it is, whatever makes three channels of its one", async () => {
    const net = new GraphBuilder();
    const input = net.within({ name: "input_layer", className: "InputLayer" }, () =>
      net.add("Input", "input_layer", [], { shape: ["N", 1, 8, 8] }),
    );
    net.within({ name: "rgb", className: "Concatenate" }, () =>
      net.add("Concat", "rgb", [input, input, input], { axis: 1 }),
    );
    net.within({ name: "pool", className: "GlobalAveragePooling2D" }, () => {
      net.add("GlobalAveragePool", "pool/map", ["rgb"], {});
      net.add("Flatten", "pool", ["pool/map"], {});
    });
    net.within({ name: "softmax", className: "Softmax" }, () => net.add("Softmax", "softmax", ["pool"], {}));
    const graph = net.build(["softmax"]);
    const path = join(folder, "gray.keras");
    await writeFile(path, await kerasFormats[".keras"](bind(graph, new Map()), "gray"));
    const { session, classes } = await openClassifier(runtime, path);
    expect(classes).toEqual(["class 0", "class 1", "class 2"]);
    const { predictions } = await session.run({ input_layer: { shape: [1, 1, 8, 8], data: new Float32Array(64) } });
    expect(largestDifference(predictions!.data, [1 / 3, 1 / 3, 1 / 3]).difference).toBeLessThan(1e-7); // rounding
  });

  it("says what was expected where there is none", async () => {
    const [missing, typo, empty] = await Promise.all([
      failure(openClassifier(runtime, join(folder, "nothing here"))),
      failure(openClassifier(runtime, "efficientnet-lit0")),
      failure(openClassifier(runtime, mixedBits)),
    ]);
    for (const error of [missing, typo, empty]) expect(error).toBeInstanceOf(InputError);
    expect(missing.message).toContain(
      "no such file, expected a run folder, a model.onnx, a model that Keras saved, or a network",
    );
    expect(typo.message).toContain('(did you mean "efficientnet-lite0"?)');
    expect(empty.message).toContain("the folder holds no model.onnx");
  });

  it("refuses a file that is no ONNX file, and one that is cut short", async () => {
    const bytes = await readFile(join(run.folder, "model.onnx"));
    await writeFile(join(folder, "text.onnx"), "not a model");
    await writeFile(join(folder, "short.onnx"), bytes.subarray(0, bytes.length / 2));
    for (const name of ["text.onnx", "short.onnx"]) {
      const error = await failure(openClassifier(runtime, join(folder, name)));
      expect(error).toBeInstanceOf(WeightsError);
      expect(error.message).toContain(`${name}: not an ONNX file`);
    }
  });
});

describe("predicting", () => {
  it("gives files in the order they were named, folders in byte order, with the user's own paths", async () => {
    const two = await makeFolder("two", { "b.png": "disc/gray-8bit.png", "a/c.jpg": "stripes/gray.jpg" });
    const one = join(mixedBits, "stripes", "gray-16bit.png");
    const predictions = await predictAll([one, two, one]);
    expect(predictions.map(({ path }) => path)).toEqual([one, join(two, "a", "c.jpg"), join(two, "b.png"), one]);
    expect(predictions.map(({ label }) => label)).toEqual(["stripes", "stripes", "disc", "stripes"]);
    expect(predictions[3]).toEqual(predictions[0]);
    for (const { probabilities } of predictions) expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 6);
  });

  it("skips what cannot be read, tells why, and keeps the others in their places whatever the batch", async () => {
    const paths = ["disc/gray-8bit.png", "disc/truncated.jpg", "disc/gray.bmp", "stripes/text.dcm"];
    const files = paths.map((path) => join(mixedBits, path));
    for (const batch of [1, 2, 32]) {
      const skipped: Skipped[] = [];
      const done: number[] = [];
      const predictions = await predictAll(files, {
        batch,
        onSkip: (file) => skipped.push(file),
        onProgress: (progress) => done.push(progress.done),
      });
      expect(predictions.map(({ path }) => basename(path))).toEqual(["gray-8bit.png", "gray.bmp"]);
      expect(skipped.map(({ path, reason }) => [basename(path), reason])).toEqual([
        ["truncated.jpg", "truncated JPEG"],
        ["text.dcm", "not an image: text"],
      ]);
      expect(done.at(-1)).toBeLessThanOrEqual(4);
    }
  });

  it("refuses a path that does not exist and a folder without images", async () => {
    await mkdir(join(folder, "empty"), { recursive: true });
    const [missing, empty] = await Promise.all([
      failure(predictAll([join(folder, "missing.png")])),
      failure(predictAll([join(folder, "empty")])),
    ]);
    expect(missing.message).toBe(`image ${join(folder, "missing.png")}: no such file or folder`);
    expect(empty.message).toBe(`folder ${join(folder, "empty")}: expected images below it, got none`);
    expect([missing, empty].every((error) => error instanceof InputError)).toBe(true);
  });

  it("stops when it is told to", async () => {
    const reason = new Error("stopped by the test");
    expect(await failure(predictAll([mixedBits], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it("gives what the training wrote down for its validation images", async () => {
    const validating = run.dataset.images.filter((_, i) => run.isValidation[i]);
    const predictions = await predictAll(validating.map(({ path }) => path));
    const got = predictions.flatMap(({ probabilities }) => [...probabilities]);
    // One graph or two, float32 probabilities.
    for (const [i, expected] of [...run.validation!.probabilities].entries()) expect(got[i]).toBeCloseTo(expected, 6);
  });
});

describe("the most probable classes", () => {
  it("fall, the first of equals first, and are no more than there are", () => {
    const probabilities = Float32Array.of(0.125, 0.25, 0.5, 0.125);
    const top = topClasses(probabilities, ["a", "b", "c", "d"], 9);
    expect(top.map(({ label }) => label)).toEqual(["c", "b", "a", "d"]);
    expect(top[0]).toEqual({ index: 2, label: "c", probability: 0.5 });
    expect(topClasses(probabilities, ["a", "b", "c", "d"], 1)).toHaveLength(1);
  });
});

describe("evaluating", () => {
  it("reproduces the metrics of a run on its validation images", async () => {
    const validating = run.dataset.images.filter((_, i) => run.isValidation[i]);
    const root = await makeFolder(
      "validation images",
      Object.fromEntries(validating.map(({ relative }) => [relative, relative])),
    );
    const { metrics, measured, dataset, covered, unknown } = await evaluate(classifier, root, { batch: 5 });
    const {
      validation,
      sets,
      unknown: familiar,
    } = JSON.parse(await readFile(join(run.folder, "metrics.json"), "utf8"));
    const { logLoss, confusionMatrix, perClass, intervals } = validation;
    expect(dataset.images.map(({ relative }) => relative)).toEqual(validating.map(({ relative }) => relative));
    expect(metrics).toMatchObject({ confusionMatrix, perClass });
    expect(metrics.logLoss).toBeCloseTo(logLoss, 6);
    for (const [name, value] of Object.entries(measured.metrics)) expect(value, name).toBeCloseTo(validation[name], 5);
    expect(measured.intervals.of.accuracy).toEqual(intervals.of.accuracy); // of the same images by the same seed, 0
    expect(covered).toBe(Math.round(sets.seen.coverage * validating.length));
    expect(unknown).toBe(Math.round(familiar.refused * validating.length));
  });

  it("matches classes by name, where the folder has them in another order or not all of them", async () => {
    const swapped: Classifier = { ...classifier, classes: ["stripes", "disc"] };
    const root = await makeFolder("names", {
      "disc/1.png": "disc/gray-8bit.png",
      "stripes/1.png": "stripes/gray-8bit.png",
    });
    expect((await evaluate(classifier, root)).metrics.accuracy).toBe(1);
    expect((await evaluate(swapped, root)).metrics.accuracy).toBe(0); // the names are wrong, so the answers are
  });

  it("measures val/ of a folder that is split, even where a class has no images there", async () => {
    const root = await makeFolder("split", {
      "train/disc/1.png": "stripes/gray-8bit.png",
      "train/stripes/1.png": "disc/gray-8bit.png",
      "val/stripes/1.png": "stripes/gray-8bit.png",
      "val/stripes/2.png": "stripes/gray-16bit.png",
    });
    const { metrics, dataset } = await evaluate(classifier, root);
    expect(dataset.images.map(({ relative }) => relative)).toEqual(["val/stripes/1.png", "val/stripes/2.png"]);
    expect(metrics.confusionMatrix).toEqual([
      [0, 0],
      [0, 2],
    ]);
  });

  it("takes a CSV file as a training does, pages among it, and measures its test where nothing validates", async () => {
    const root = await makeFolder("listed", {
      "1.png": "disc/gray-8bit.png",
      "2.tif": "stripes/three-pages.tif",
      "3.png": "stripes/gray-16bit.png",
      "4.png": "disc/truncated.png",
      "5.png": "disc/gray-4bit.png",
    });
    const list = join(root, "list.csv");
    await writeFile(list, "path,label\n1.png,disc\n2.tif#2,stripes\n3.png,stripes\n4.png,disc\n");
    const all = await evaluate(classifier, list);
    expect(all.dataset.images.map(({ relative }) => relative)).toEqual(["1.png", "2.tif#2", "3.png"]);
    expect(all.dataset.skipped).toEqual([{ path: "4.png", reason: "truncated PNG" }]);
    // The same images one by one: their probabilities are those of predict.
    const alone = await predictAll([join(root, "1.png"), join(root, "2.tif#2"), join(root, "3.png")]);
    const rows = alone.flatMap(({ probabilities }) => [...probabilities]);
    for (const [i, probability] of rows.entries()) expect(all.probabilities[i]).toBeCloseTo(probability, 5); // float32
    await writeFile(list, "path,label,split\n5.png,disc,train\n1.png,disc,test\n2.tif,stripes,test\n");
    const tested = await evaluate(classifier, list);
    expect(tested.dataset.images.map(({ relative }) => relative)).toEqual(["1.png", "2.tif#1", "2.tif#2", "2.tif#3"]);
    await writeFile(list, "path,label\n1.png,ring\n3.png,stripes\n");
    await expect(evaluate(classifier, list)).rejects.toThrow('knows no class "ring"');
  });

  it("lists what cannot be read, and counts the others", async () => {
    const { metrics, dataset } = await evaluate(classifier, mixedBits);
    expect(metrics.confusionMatrix.flat().reduce((a, b) => a + b)).toBe(76);
    expect(dataset.skipped).toHaveLength(12);
  });

  it("refuses a folder with a class that the classifier does not know", async () => {
    const root = await makeFolder("unknown", { "disc/1.png": "disc/gray.bmp", "ring/1.png": "disc/gray.bmp" });
    const error = await failure(evaluate(classifier, root));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain('knows no class "ring", expected of disc, stripes');
  });
});
