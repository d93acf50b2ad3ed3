/** The fit `tile` from the training to the prediction. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, InputError, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { averageOverFlips } from "../augment/average-over-flips.js";
import { evaluate } from "../predict/evaluate.js";
import { type Classifier, openClassifier } from "../predict/open-classifier.js";
import { type Prediction, predict } from "../predict/predict.js";
import { readMetadata } from "../run/model-metadata.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { splitCheck } from "./split-check.js";
import { type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

const runtime = new OrtRuntime();
let folder: string;
let root: string;

const perClass = 40;
/** Of one image: 2 × 3 tiles of 64 px. */
const [height, width, size] = [128, 192, 64];
const mark = 28; // px

/** Noise around middle gray; a marked one has a checkerboard of single pixels somewhere, of the same mean. */
function picture(isMarked: boolean, seed: number): Uint8Array {
  const random = new SeededRandom(seed, `picture ${isMarked}`);
  const [top, left] = [random.integer(height - mark), random.integer(width - mark)];
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const isInside = isMarked && y >= top && y < top + mark && x >= left && x < left + mark;
    const board = (x + y) % 2 === 0 ? 60 : -60;
    return 125 + random.integer(7) + (isInside ? board : 0);
  });
}

const png = (values: Uint8Array, rows = height, columns = width): Promise<Buffer> =>
  sharp(values, { raw: { width: columns, height: rows, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling tiles ü-"));
  root = join(folder, "surfaces");
  for (const label of ["flawless", "marked"]) {
    await mkdir(join(root, label), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      await writeFile(join(root, label, `part-${i % 10}-${i}.png`), await png(picture(label === "marked", i)));
    }
  }
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function trainHere(settings: TrainSettings = {}) {
  const events: TrainEvent[] = [];
  const result = await train(root, {
    report: false,
    ...{
      height: size,
      width: size,
      fit: "tile",
      validation: 0.5,
      out: folder,
      cache: join(folder, "cache"),
      check: false,
    },
    onEvent: (event) => events.push(event),
    ...settings,
  });
  const read = events.find((event) => event.kind === "read")!;
  return { ...result, features: read.features, events };
}

describe("a training on tiles", () => {
  it("finds a small mark in a large image, which stretching to the same input loses", async () => {
    const tiled = await trainHere();
    const stretched = await trainHere({ fit: "stretch" });
    // 40 images validate, 20 of each class: half of them by chance, with a standard deviation of 0.08.
    expect(tiled.validation!.metrics.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(stretched.validation!.metrics.accuracy).toBeLessThan(0.7);
    expect(tiled.features.tiles).toEqual(new Array(2 * perClass).fill(6));
    expect(stretched.features.tiles).toEqual(new Array(2 * perClass).fill(1));
  });

  it("measures images, not tiles, as evaluate does with the model", async () => {
    const { validation, dataset, sides, folder: run } = await trainHere();
    expect(validation!.metrics.perClass.map(({ support }) => support)).toEqual([perClass / 2, perClass / 2]);
    const evaluated = await evaluate(await openClassifier(runtime, run), root, { batch: 7 });
    expect(evaluated.dataset.images.map(({ relative }) => relative)).toEqual(
      dataset.images.map(({ relative }) => relative),
    );
    const ofValidation = evaluated.probabilities.filter((_, i) => sides[Math.floor(i / 2)] === "val");
    expectClose(ofValidation, validation!.probabilities);
    const rows = (await readFile(join(run, "predictions.csv"), "utf8")).trim().split("\n");
    expect(rows).toHaveLength(1 + perClass); // half of the images of two classes
  });

  it("computes no tile twice, and gives the same bytes from what was kept", async () => {
    const cache = join(folder, "cache of its own");
    const [first, again] = [await trainHere({ cache }), await trainHere({ cache })];
    expect([first.features.computed, again.features.computed, again.features.cached]).toEqual([80, 0, 80]);
    const [a, b] = await Promise.all([first, again].map((run) => readFile(join(run.folder, "model.onnx"))));
    expect(a!.equals(b!)).toBe(true);
  });

  it("works with folds, groups, class weights, a head of layers and augmented variants", async () => {
    const settings = { validation: undefined, folds: 2, group: "part-[0-9]", head: "dense(8,relu)", epochs: 3 };
    const augment = { preset: "light" };
    const options = { ...settings, classWeights: "balanced", augment, augmentVariants: 2 };
    const cache = join(folder, "cache of variants");
    const [first, again] = [await trainHere({ ...options, cache }), await trainHere({ ...options, cache })];
    expect(first.folds!.probabilities).toHaveLength(2 * perClass * 2);
    const variants = [first, again].map(({ events }) => events.find(({ kind }) => kind === "augmented"));
    expect(variants).toEqual([
      { kind: "augmented", computed: 160, cached: 0 },
      { kind: "augmented", computed: 0, cached: 160 },
    ]);
    expect(again.folds!.probabilities).toEqual(first.folds!.probabilities);
  });

  it("holds splits against each other", async () => {
    const options = { height: size, width: size, fit: "tile", cache: join(folder, "cache"), folds: 2, repeats: 1 };
    const { images, shuffled } = await splitCheck(root, { ...options, group: "part-[0-9]" });
    expect([images, shuffled.mean > 0.8]).toEqual([2 * perClass, true]);
  });

  it("leaves out an image of too many tiles, with the reason", async () => {
    const large = join(root, "marked", "part-0-large.png");
    await writeFile(large, await png(new Uint8Array(1100 * 1000).fill(9), 1100, 1000));
    try {
      const { dataset } = await trainHere();
      expect(dataset.skipped).toEqual([
        {
          path: join("marked", "part-0-large.png"),
          reason:
            "1,100 × 1,000 px are 18 × 16 = 288 tiles of 64 × 64, expected at most 256; a larger --size makes fewer",
        },
      ]);
    } finally {
      await rm(large);
    }
  });

  it("of the network's own layers is refused before anything is read", async () => {
    const training = train(join(folder, "nowhere"), { fit: "tile", unfreeze: "block7" });
    await expect(training).rejects.toThrow(InputError);
    await expect(training).rejects.toThrow("fit tile: layers of the network learn from whole images");
  });
});

describe("a model that was trained on tiles", () => {
  let model: string;
  beforeAll(async () => {
    model = (await trainHere()).folder;
  });

  it("says so, and reads one tile", async () => {
    const path = join(model, "model.onnx");
    const summary = decodeSummary(await readFile(path), path);
    expect(summary.inputs).toEqual([{ name: "input_layer", shape: ["N", 1, size, size] }]);
    expect(readMetadata(summary, path).preprocessing).toMatchObject({ height: size, width: size, fit: "tile" });
  });

  it.each([
    ["that tiles cover without overlap", 128, 192, [0, 64], [0, 64, 128]],
    ["whose tiles overlap", 100, 150, [0, 36], [0, 43, 86]],
    ["of one tile", 64, 64, [0], [0]],
    ["that is smaller, in the middle of black", 40, 150, [-12], [0, 43, 86]],
  ])("predicts for an image %s the mean of its tiles' probabilities", async (_what, rows, columns, tops, lefts) => {
    const random = new SeededRandom(rows + columns);
    const values = Uint8Array.from({ length: rows * columns }, () => random.integer(256));
    const path = join(folder, `${rows} × ${columns}.png`);
    await writeFile(path, await png(values, rows, columns));
    const tiles = tops.flatMap((top) =>
      lefts.map((left) => {
        const levelAt = (y: number, x: number) =>
          y >= 0 && y < rows && x >= 0 && x < columns ? values[y * columns + x]! : 0;
        return (mirrored: boolean) =>
          Float32Array.from({ length: size * size }, (_, i) => {
            const x = i % size;
            return levelAt(top + Math.floor(i / size), left + (mirrored ? size - 1 - x : x));
          });
      }),
    );
    const classifier = await openClassifier(runtime, model);
    const ofTile = async (data: Float32Array) =>
      (await classifier.session.run({ input_layer: { shape: [1, 1, size, size], data } }))["predictions"]!.data;
    const [plain, mirrored]: [Float32Array[], Float32Array[]] = [[], []];
    for (const tile of tiles) {
      plain.push(await ofTile(tile(false)));
      mirrored.push(await ofTile(tile(true)));
    }
    const mean = (of: readonly Float32Array[]) => [0, 1].map((k) => of.reduce((sum, p) => sum + p[k]!, 0) / of.length);
    expectClose((await predictOne(classifier, path)).probabilities, mean(plain));
    const averaged = { ...classifier, session: averageOverFlips(classifier.session, "horizontal") };
    expectClose((await predictOne(averaged, path)).probabilities, mean([...plain, ...mirrored]));
  });

  it("answers for many images in their order, whatever the batch, with what cannot be read left out", async () => {
    const paths = ["a", "b", "c", "d", "e"].map((name) => join(folder, `${name}.png`));
    for (const [i, path] of paths.entries()) {
      const [rows, columns] = [
        [64, 64],
        [128, 192],
        [70, 64],
        [64, 200],
        [30, 30],
      ][i]!;
      await writeFile(
        path,
        i === 2 ? "no image" : await png(picture(true, i).subarray(0, rows! * columns!), rows, columns),
      );
    }
    const classifier = await openClassifier(runtime, model);
    const answers: [string, Float32Array][][] = [];
    for (const batch of [1, 4, 32]) {
      const found: [string, Float32Array][] = [];
      const done: number[] = [];
      const onProgress = (progress: { readonly done: number }) => done.push(progress.done);
      for await (const { path, probabilities } of predict(classifier, paths, { batch, onProgress })) {
        found.push([path, probabilities]);
      }
      expect(done.at(-1)).toBe(5);
      answers.push(found);
    }
    for (const found of answers) {
      expect(found.map(([path]) => path)).toEqual(paths.toSpliced(2, 1));
      for (const [i, [, probabilities]] of found.entries()) expectClose(probabilities, answers[0]![i]![1]);
    }
  });
});

async function predictOne(classifier: Classifier, path: string): Promise<Prediction> {
  for await (const prediction of predict(classifier, [path])) return prediction;
  throw new Error(`no prediction for ${path}`);
}

/** Another number of rows in a run sums in another order: float32 on probabilities. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(2e-5);
}
