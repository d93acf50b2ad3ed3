/** Files that no program may read silently, under names that break programs: each gets its line, the others go on. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InputError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBatches } from "../dataset/read-batches.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type Classifier, openClassifier } from "./open-classifier.js";
import { type Prediction, type PredictOptions, predict, type Skipped } from "./predict.js";

const runtime = new OrtRuntime();
let folder: string;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling bad ü-"));
  classifier = await openClassifier(runtime, "efficientnet-lite0");
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const fixture = (name: string) => readFile(repositoryFolder("fixtures", "mixed-bits", name));
const half = async (name: string) => {
  const bytes = await fixture(name);
  return bytes.subarray(0, bytes.length >> 1);
};

/** What lies in a file of that name, and what is said of it; undefined: it is read. */
const cases: readonly (readonly [name: string, bytes: () => Promise<Uint8Array>, reason: RegExp | undefined])[] = [
  ["zero.png", async () => new Uint8Array(), /^empty file \(0 bytes\)$/],
  ["zero.dcm", async () => new Uint8Array(), /^empty file \(0 bytes\)$/],
  ["cut.png", () => half("disc/gray-8bit.png"), /^truncated PNG$/],
  ["cut-16.png", () => half("disc/gray-16bit.png"), /^truncated PNG$/],
  ["cut.jpg", () => half("disc/gray.jpg"), /^truncated JPEG$/],
  ["cut.tif", () => half("disc/uint8-lzw.tif"), /^truncated/],
  ["cut-float.tif", () => half("disc/float32.tif"), /^truncated/],
  ["cut.webp", () => half("disc/gray-lossless.webp"), /^truncated WebP$/],
  ["cut.gif", () => half("disc/gray.gif"), /^truncated or damaged GIF$/],
  ["cut.bmp", () => half("disc/gray.bmp"), /^truncated BMP: /],
  ["cut.dcm", () => half("disc/monochrome2-signed.dcm"), /^truncated DICOM/],
  [
    "bomb.png",
    () => fixture("disc/claims-60000x60000.png"),
    /^claims 60,000 × 60,000 pixels, limit .* \(--max-pixels\)$/,
  ],
  ["text.png", async () => Buffer.from("This is no picture.\n"), /^not an image: text$/],
  ["a\nnew line.png", () => fixture("disc/gray-8bit.png"), undefined],
  ["'single' and \"double\".png", () => fixture("disc/gray-8bit.png"), undefined],
  ["\u{1f41f} %s $HOME `x`.jpg", () => fixture("disc/gray.jpg"), undefined],
  ["two\nlines, cut.png", () => half("disc/gray-8bit.png"), /^truncated PNG$/],
];

async function predictAll(paths: readonly string[], options: PredictOptions = {}) {
  const skipped: Skipped[] = [];
  const predictions: Prediction[] = [];
  const onSkip = (file: Skipped) => void skipped.push(file);
  for await (const prediction of predict(classifier, paths, { ...options, onSkip })) predictions.push(prediction);
  return { skipped, predictions };
}

describe("bad input", () => {
  it("gets one clear line each, and the rest goes on", async () => {
    const root = join(folder, "all");
    await mkdir(root);
    for (const [name, bytes] of cases) await writeFile(join(root, name), await bytes());
    const { skipped, predictions } = await predictAll([root]);
    const reasons = new Map(skipped.map(({ path, reason }) => [basename(path), reason]));
    for (const [name, , reason] of cases) {
      if (reason === undefined) expect(reasons.has(name)).toBe(false);
      else expect(reasons.get(name)).toMatch(reason);
    }
    for (const reason of reasons.values()) expect(reason).not.toContain("\n");
    const read = cases.filter(([, , reason]) => reason === undefined).map(([name]) => name);
    expect(predictions.map(({ path }) => basename(path)).sort()).toEqual([...read].sort());
  });

  it("of many pixels is what the limit makes it", async () => {
    const picture = repositoryFolder("fixtures", "mixed-bits", "disc", "gray-8bit.png");
    const low = await predictAll([picture], { maxPixels: 6143 });
    expect(low.skipped.map(({ reason }) => reason)).toEqual([
      "claims 96 × 64 pixels, limit 6,143 in all (--max-pixels)",
    ]);
    expect((await predictAll([picture], { maxPixels: 6144 })).predictions).toHaveLength(1);
  });

  it("that vanishes while it is read is told, and the rest goes on", async () => {
    const root = join(folder, "vanishing");
    await mkdir(root);
    const images = Array.from({ length: 40 }, (_, i) => ({ path: join(root, `${i}.png`) }));
    const bytes = await fixture("disc/gray-8bit.png");
    for (const { path } of images) await writeFile(path, bytes);
    const skips: string[] = [];
    let count = 0;
    const options = { height: 8, width: 8, fit: "stretch", batch: 2, concurrency: 1 } as const;
    for await (const { indices } of readBatches(images, { ...options, onSkip: (_, reason) => skips.push(reason) })) {
      if (count === 0) await rm(root, { recursive: true });
      count += indices.length;
    }
    expect(count).toBeGreaterThan(0);
    expect(skips.length).toBeGreaterThan(0);
    expect(count + skips.length).toBe(images.length);
    expect(new Set(skips)).toEqual(new Set(["no such file: removed meanwhile, or a broken link"]));
  });

  it("of a size that is none is the caller's", async () => {
    const options = { height: 0, width: 8, fit: "stretch", batch: 2, onSkip: () => {} } as const;
    const reading = async () => {
      for await (const _ of readBatches([{ path: "x.png" }], options));
    };
    await expect(reading()).rejects.toThrow(InputError);
  });
});
