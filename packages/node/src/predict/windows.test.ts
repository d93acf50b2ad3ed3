/** The window from the training to the prediction, on pictures of more than 8 bits. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, InputError, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportModel } from "../export/export-model.js";
import { openSource } from "../export/open-source.js";
import { readMetadata } from "../run/model-metadata.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type TrainSettings, train } from "../train/train.js";
import type { TrainEvent } from "../train/train-events.js";
import { evaluate } from "./evaluate.js";
import { openClassifier } from "./open-classifier.js";
import { type Prediction, type PredictOptions, predict, type Skipped } from "./predict.js";

const runtime = new OrtRuntime();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling windows ü-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const [height, width] = [32, 40];

/** Stripes lying or standing, 0–1, with noise. */
function picture(isStanding: boolean, seed: number): Float32Array {
  const random = new SeededRandom(seed, `stripes ${isStanding}`);
  return Float32Array.from({ length: height * width }, (_, i) => {
    const along = isStanding ? i % width : Math.floor(i / width);
    return 0.5 + 0.45 * Math.sin(0.6 * along + seed) + random.integer(100) / 2500;
  });
}

type Encode = (unit: Float32Array) => Promise<{ readonly bytes: Uint8Array; readonly extension: string }>;

const png16 =
  (low: number, high: number): Encode =>
  async (unit) => {
    const samples = Uint16Array.from(unit, (value) => Math.round(low + value * (high - low)));
    const raw = { width, height, channels: 1 } as const;
    return { bytes: await sharp(samples, { raw }).toColourspace("grey16").png().toBuffer(), extension: "png" };
  };

const png8 =
  (high: number): Encode =>
  async (unit) => {
    const samples = Uint8Array.from(unit, (value) => Math.round(value * high));
    const raw = { width, height, channels: 1 } as const;
    return { bytes: await sharp(samples, { raw }).toColourspace("b-w").png().toBuffer(), extension: "png" };
  };

/** One strip, little-endian, by the book (TIFF 6.0). */
const float32 =
  (low: number, high: number): Encode =>
  async (unit) => {
    const values = unit.map((value) => low + value * (high - low));
    const tags = [
      [256, 4, width],
      [257, 4, height],
      [258, 3, 32],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, 8],
      [277, 3, 1],
      [278, 4, height],
      [279, 4, values.byteLength],
      [339, 3, 3],
    ] as const;
    const file = new DataView(new ArrayBuffer(8 + values.byteLength + 2 + 12 * tags.length + 4));
    file.setUint32(0, 0x49492a00);
    file.setUint32(4, 8 + values.byteLength, true);
    for (const [i, value] of values.entries()) file.setFloat32(8 + 4 * i, value, true);
    file.setUint16(8 + values.byteLength, tags.length, true);
    for (const [i, [tag, type, value]] of tags.entries()) {
      const at = 10 + values.byteLength + 12 * i;
      file.setUint16(at, tag, true);
      file.setUint16(at + 2, type, true);
      file.setUint32(at + 4, 1, true);
      file.setUint32(at + 8, value, true);
    }
    return { bytes: new Uint8Array(file.buffer), extension: "tif" };
  };

async function makeDataset(name: string, encode: Encode, count = 8): Promise<string> {
  for (const label of ["lying", "standing"]) {
    await mkdir(join(folder, name, label), { recursive: true });
    for (let i = 0; i < count; i++) {
      const { bytes, extension } = await encode(picture(label === "standing", i));
      await writeFile(join(folder, name, label, `${i}.${extension}`), bytes);
    }
  }
  return join(folder, name);
}

async function trainOn(root: string, settings: TrainSettings = {}) {
  const events: TrainEvent[] = [];
  const options = { height: 32, width: 40, out: join(folder, "runs"), threads: 2, validation: 0.25 };
  const result = await train(root, { report: false, ...options, ...settings, onEvent: (event) => events.push(event) });
  const said = events.flatMap((event) => (event.kind === "window" ? [event.said] : []));
  const model = decodeSummary(await readFile(join(result.folder, "model.onnx")), "model.onnx");
  return { ...result, said, preprocessing: readMetadata(model, "model.onnx").preprocessing };
}

async function predictWith(run: string, paths: readonly string[], options: PredictOptions = {}) {
  const unlike: Skipped[] = [];
  const skipped: Skipped[] = [];
  const predictions: Prediction[] = [];
  const classifier = await openClassifier(runtime, run);
  const hear = { onUnlike: (file: Skipped) => unlike.push(file), onSkip: (file: Skipped) => skipped.push(file) };
  for await (const prediction of predict(classifier, paths, { ...hear, ...options })) predictions.push(prediction);
  return { predictions, unlike, skipped };
}

const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("no error"),
    (error: Error) => error,
  );

describe("a window", () => {
  it("is chosen from the images that train, said, kept in the model, and used by whoever opens it", async () => {
    const root = await makeDataset("narrow", png16(10_000, 10_400));
    const run = await trainOn(root, { cache: join(folder, "cache") });
    expect(run.said).toEqual([
      expect.stringMatching(/^16-bit images, values 10,0\d\d–10,\d{3}: window p0.1-p99.9 = 100/),
    ]);
    const { window } = run.preprocessing;
    expect(window).toEqual({ kind: "values", low: expect.closeTo(10_020, -2), high: expect.closeTo(10_395, -2) });
    expect(run.preprocessing.samples).toEqual(["uint16"]);
    // In all of 16 bits these pictures are one gray: only the window lets the network see them.
    expect(run.validation!.metrics.accuracy).toBe(1);
    const evaluation = await evaluate(await openClassifier(runtime, run.folder), root);
    expect(evaluation.metrics.accuracy).toBe(1);
    const { predictions, unlike } = await predictWith(run.folder, [join(root, "standing")]);
    expect(predictions.every(({ label }) => label === "standing")).toBe(true);
    expect(unlike).toEqual([]);
    // What is exported reads the same way.
    const out = join(folder, "narrow.onnx");
    await exportModel((await openSource(run.folder, {})).source, { out });
    expect(readMetadata(decodeSummary(await readFile(out), out), out).preprocessing).toEqual(run.preprocessing);
  });

  it("gives the same prediction for the same picture whatever it is encoded in, when each image has its own", async () => {
    const root = await makeDataset("own", png8(255));
    const run = await trainOn(root, { window: "image" });
    expect(run.preprocessing.window).toEqual({ kind: "image" });
    const names = ["8 bits", "narrow 16", "degrees"];
    const encoders = [png8(255), png16(500, 60_500), float32(-20.5, 83.2)];
    const paths: string[] = [];
    for (const [i, encode] of encoders.entries()) {
      const { bytes, extension } = await encode(picture(true, 99));
      paths.push(join(folder, `${names[i]}.${extension}`));
      await writeFile(paths[i]!, bytes);
    }
    const { predictions, unlike } = await predictWith(run.folder, paths);
    const [first, ...others] = predictions.map(({ probabilities }) => probabilities[0]!);
    for (const other of others) expect(Math.abs(other - first!)).toBeLessThan(0.02); // 8 bits are rounded
    expect(unlike.map(({ reason }) => reason)).toEqual([
      "its samples are uint16, those of the images that trained uint8",
      "its samples are float32, those of the images that trained uint8",
    ]);
  });

  it("is part of what features are kept under: another one computes them again", async () => {
    const root = await makeDataset("kept", png16(0, 4095));
    const cache = join(folder, "cache of windows");
    const computed: number[] = [];
    for (const window of ["full", "0:4095", "full", "0:4095", "image"]) {
      const onEvent = (event: TrainEvent) => {
        if (event.kind === "read") computed.push(event.features.computed);
      };
      await train(root, { report: false, height: 32, width: 40, out: join(folder, "runs"), cache, window, onEvent });
    }
    expect(computed).toEqual([16, 16, 0, 0, 16]);
  });

  it("that is none is refused before anything is read", async () => {
    const error = await failure(train(join(folder, "no such folder"), { window: "p9" }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain('window "p9": expected full, minmax');
  });
});

describe("the range that a model reads", () => {
  it.each([
    ["floats that were divided by 255", "divided", float32(0, 1), "0:255"],
    ["bytes of 0 and 1", "ones", png8(1), undefined],
    ["floats that were divided, for degrees", "degrees", float32(0, 1), "-20.5:83.2"],
  ] as const)("is not that of %s: the training is refused in one line", async (_what, name, encode, window) => {
    const error = await failure(trainOn(await makeDataset(name, encode), { window }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(
      /^input range: the first images hold values 0(\.\d+)? … (1|0\.\d+) \((float32|uint8)\), /,
    );
    expect(error.message).not.toContain("\n");
  });

  it("is held against what is predicted: divided floats are refused, dark bytes are told", async () => {
    const root = await makeDataset("degrees in the sun", float32(-20.5, 83.2));
    const run = await trainOn(root);
    const divided = await makeDataset("degrees divided", float32(0.01, 0.95), 2);
    const error = await failure(predictWith(run.folder, [divided]));
    expect(error.message).toMatch(
      /^input range: values 0\.0\d* … 0\.9\d* \(float32\), and the model reads -1\d\.\d+ … 8\d\./,
    );
    const dark = await makeDataset("dark", png8(1), 1);
    const { predictions, unlike } = await predictWith(run.folder, [dark]);
    expect(predictions).toHaveLength(2);
    expect(unlike.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^values 0 … 1 \(uint8\), and the model reads/),
      "its samples are uint8, those of the images that trained float32",
    ]);
  });
});

describe("pages", () => {
  const pages = repositoryFolder("fixtures", "tiff-samples", "int16-pages.tif");

  it("are predicted one by one, or the one that is named", async () => {
    const root = await makeDataset("of pages", png16(0, 65_535), 4);
    const run = await trainOn(root, { window: "image" });
    const all = await predictWith(run.folder, [pages]);
    expect(all.predictions.map(({ path }) => path)).toEqual([1, 2, 3].map((page) => `${pages}#${page}`));
    const [second] = (await predictWith(run.folder, [`${pages}#2`])).predictions;
    expect(second!.path).toBe(`${pages}#2`);
    expect(second!.probabilities).toEqual(all.predictions[1]!.probabilities);
    const { skipped } = await predictWith(run.folder, [`${pages}#4`]);
    expect(skipped).toEqual([{ path: `${pages}#4`, reason: "page 4 of 3: there is no such page" }]);
  });
});
