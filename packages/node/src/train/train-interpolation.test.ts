/** The interpolation from the training to the prediction, on pictures that show something to one of them alone. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportModel } from "../export/export-model.js";
import { openSource } from "../export/open-source.js";
import { evaluate } from "../predict/evaluate.js";
import { openClassifier } from "../predict/open-classifier.js";
import { readMetadata } from "../run/model-metadata.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { type TrainSettings, train } from "./train.js";
import type { TrainEvent } from "./train-events.js";

const runtime = new OrtRuntime();
let folder: string;
let root: string;

/** Of the network; pictures have twice of both. */
const [height, width] = [32, 40];

/**
 * Stripes lying or standing, on every second pixel of every second row alone: those that `nearest` takes at half the size.
 * The three beside each make a mean of 127.5 with it, so that averages see next to nothing.
 */
function picture(isStanding: boolean, seed: number): Uint8Array {
  const random = new SeededRandom(seed, `stripes ${isStanding}`);
  const phase = random.integer(100) / 16;
  return Uint8Array.from({ length: 4 * height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / (2 * width)), i % (2 * width)];
    const level = 128 + 100 * Math.sin(0.6 * Math.floor((isStanding ? x : y) / 2) + phase) + random.integer(10);
    return Math.round(y % 2 === 1 && x % 2 === 1 ? level : 170 - level / 3);
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling interpolation ü-"));
  root = join(folder, "stripes");
  for (const label of ["lying", "standing"]) {
    await mkdir(join(root, label), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const raw = { width: 2 * width, height: 2 * height, channels: 1 } as const;
      const png = sharp(picture(label === "standing", i), { raw })
        .toColourspace("b-w")
        .png();
      await writeFile(join(root, label, `${i}.png`), await png.toBuffer());
    }
  }
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function trainHere(settings: TrainSettings) {
  const events: TrainEvent[] = [];
  const options = { height, width, out: join(folder, "runs"), cache: join(folder, "cache"), threads: 2 };
  const { folder: run } = await train(root, {
    report: false,
    ...options,
    ...settings,
    onEvent: (event) => events.push(event),
  });
  const [read] = events.flatMap((event) => (event.kind === "read" ? [event.features] : []));
  return { run, read: read!, preprocessing: await preprocessingOf(join(run, "model.onnx")) };
}

const preprocessingOf = async (path: string) =>
  readMetadata(decodeSummary(await readFile(path), path), path).preprocessing;

describe("an interpolation", () => {
  it("is kept in the model, used by whoever opens it, and its features are its own", async () => {
    const nearest = await trainHere({ interpolation: "nearest" });
    expect(nearest.preprocessing).toMatchObject({ fit: "stretch", interpolation: "nearest" });
    const classifier = await openClassifier(runtime, nearest.run);
    expect((await evaluate(classifier, root)).metrics.accuracy).toBe(1);
    // Read as it was not trained, all pictures are gray.
    const framing = { ...classifier.framing, interpolation: "antialias" } as const;
    const { probabilities } = await evaluate({ ...classifier, framing }, root);
    const standing = probabilities.filter((_, i) => i % 2 === 1);
    expect(Math.max(...standing) - Math.min(...standing)).toBeLessThan(0.5);
    // What is exported reads the same way.
    const out = join(folder, "nearest.onnx");
    await exportModel((await openSource(nearest.run, {})).source, { out });
    expect(await preprocessingOf(out)).toEqual(nearest.preprocessing);
    // Features of one are not taken for those of another.
    const again = await trainHere({ interpolation: "nearest" });
    expect([again.read.computed, again.read.cached]).toEqual([0, 20]);
    const plain = await trainHere({});
    expect([plain.read.computed, plain.read.cached]).toEqual([20, 0]);
    expect(plain.preprocessing.interpolation).toBeUndefined();
  });

  it("is used where the network trains, too", async () => {
    const settings = { interpolation: "nearest", unfreeze: "top", epochs: 1, batch: 16 } as const;
    const { preprocessing } = await trainHere(settings);
    expect(preprocessing.interpolation).toBe("nearest");
  });
});
