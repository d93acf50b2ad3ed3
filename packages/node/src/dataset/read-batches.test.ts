import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type ImageBatch, type ReadOptions, readBatches } from "./read-batches.js";
import { scanFolder } from "./scan-folder.js";

const framing = { height: 16, width: 24, fit: "stretch" } as const;
const { images } = await scanFolder(repositoryFolder("fixtures", "mixed-bits"));

interface Reading {
  readonly batches: ImageBatch[];
  readonly skips: [number, string][];
}

async function readAll(options: Partial<ReadOptions> = {}, paths = images): Promise<Reading> {
  const [batches, skips]: [ImageBatch[], [number, string][]] = [[], []];
  const onSkip = (index: number, reason: string): void => void skips.push([index, reason]);
  for await (const batch of readBatches(paths, { ...framing, batch: 8, onSkip, ...options })) batches.push(batch);
  return { batches, skips };
}

describe("reading batches", () => {
  it("gives every readable image in order, and a reason for every other", async () => {
    const { batches, skips } = await readAll();
    const indices = batches.flatMap((batch) => batch.indices);
    expect(indices).toEqual([...indices].sort((a, b) => a - b));
    expect([...indices, ...skips.map(([index]) => index)].sort((a, b) => a - b)).toEqual(images.map((_, i) => i));
    expect(skips.map(([index, reason]) => `${images[index]!.relative}: ${reason}`)).toEqual([
      "disc/claims-60000x60000.png: claims 60,000 × 60,000 pixels, limit 178,956,970 in all (--max-pixels)",
      "disc/damaged-data.png: damaged PNG",
      "disc/empty.png: empty file (0 bytes)",
      "disc/float32.tif: float32, values −20.5 … 83.2: the window full takes 0 … 1 of floats; choose --window minmax, image or low:high",
      "disc/truncated.jpg: truncated JPEG",
      "disc/truncated.png: truncated PNG",
      "stripes/empty.jpg: empty file (0 bytes)",
      "stripes/float32.tif: float32, values −20.5 … 83.2: the window full takes 0 … 1 of floats; choose --window minmax, image or low:high",
      "stripes/header-only.png: truncated PNG",
      "stripes/text.dcm: not an image: text",
      "stripes/text.png: not an image: text",
      "stripes/truncated.tif: truncated or damaged TIFF, or one of a kind that is not supported",
    ]);
    expect(batches.map(({ indices: { length } }) => length)).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 8]);
  });

  it("gives the planes that the decoder gives, with the hash and the facts of the same file", async () => {
    const { batches } = await readAll();
    const decode = await createDecoder(framing);
    for (const { planes, indices, hashes, infos } of batches) {
      expect(planes.length).toBe(indices.length * 16 * 24);
      for (const [i, index] of indices.entries()) {
        const bytes = readFileSync(images[index]!.path);
        const { plane, ...info } = await decode(bytes);
        expect(planes.subarray(i * 16 * 24, (i + 1) * 16 * 24)).toEqual(plane);
        expect(hashes[i]).toBe(createHash("sha256").update(bytes).digest("hex"));
        expect(infos[i]).toEqual(info);
      }
    }
  });

  it("cuts images into tiles that follow each other, over several batches, with what is known of their image", async () => {
    const { batches, skips } = await readAll({ fit: "tile" });
    const decode = await createDecoder({ ...framing, fit: "tile" });
    const planes = batches.flatMap((batch) =>
      batch.indices.map((index, i) => ({
        index,
        ...batch.tiles[i]!,
        hash: batch.hashes[i]!,
        info: batch.infos[i]!,
        plane: batch.planes.subarray(i * 16 * 24, (i + 1) * 16 * 24),
      })),
    );
    expect(skips).toHaveLength(12);
    expect(batches.slice(0, -1).every(({ indices }) => indices.length === 8)).toBe(true);
    const starts = [...planes.keys()].filter((at) => planes[at]!.tile === 0);
    expect(starts).toHaveLength(images.length - 12);
    expect(Math.max(...planes.map(({ of }) => of))).toBeGreaterThan(8); // more than a batch holds
    for (const start of starts) {
      const { index, of, hash } = planes[start]!;
      const bytes = readFileSync(images[index]!.path);
      const { plane, ...info } = await decode(bytes);
      expect(hash).toBe(createHash("sha256").update(bytes).digest("hex"));
      for (let tile = 0; tile < of; tile++) {
        const own = plane.subarray(tile * 16 * 24, (tile + 1) * 16 * 24);
        expect(planes[start + tile]).toEqual({ index, tile, of, hash, info, plane: own });
      }
      expect(plane).toHaveLength(of * 16 * 24);
    }
  });

  it("does not depend on concurrency", async () => {
    const one = await readAll({ concurrency: 1, batch: 5 });
    const many = await readAll({ concurrency: 7, batch: 5 });
    expect(many).toEqual(one);
  });

  it("does not decode what is known, and tells which it was", async () => {
    const first = await readAll();
    const cached = new Set(first.batches.flatMap(({ hashes }) => hashes).filter((_, i) => i % 3 !== 0));
    const { batches } = await readAll({ known: (hash) => cached.has(hash) });
    const decoded = batches.flatMap(({ hashes }) => hashes);
    const known = batches.flatMap((batch) => batch.known);
    expect(decoded.some((hash) => cached.has(hash))).toBe(false);
    expect(known.every(({ hash }) => cached.has(hash))).toBe(true);
    const indices = [...batches.flatMap((batch) => batch.indices), ...known.map(({ index }) => index)];
    expect(indices.sort((a, b) => a - b)).toEqual(first.batches.flatMap((batch) => batch.indices));
  });

  it("reports many known images in between, so that progress shows", async () => {
    const same = Array.from({ length: 600 }, () => images[0]!);
    const { batches } = await readAll({ known: () => true }, same);
    expect(batches.map(({ known }) => known.length)).toEqual([256, 256, 88]);
    expect(batches.every(({ planes }) => planes.length === 0)).toBe(true);
  });

  it("says of a file that went away that it is not there", async () => {
    const gone = { ...images[0]!, path: "/no/such/file.png" };
    expect((await readAll({}, [gone])).skips).toEqual([[0, "no such file: removed meanwhile, or a broken link"]]);
  });

  it("stops with the reason of the signal", async () => {
    const controller = new AbortController();
    const abortOnFirst = (): boolean => {
      controller.abort();
      return false;
    };
    const reading = readAll({ signal: controller.signal, batch: 1, known: abortOnFirst });
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});

describe("memory", () => {
  let folder: string;
  const paths: { path: string }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "large"));
    const path = join(folder, "large.png");
    await sharp({ create: { width: 2500, height: 2500, channels: 3, background: "#808080" } })
      .toColourspace("b-w")
      .png({ compressionLevel: 1 })
      .toFile(path);
    for (let i = 0; i < 50; i++) paths.push({ path });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it("stays bounded while a slow consumer works", async () => {
    let most = 0;
    const before = process.memoryUsage().rss;
    for await (const _ of readBatches(paths, { ...framing, batch: 4, concurrency: 2, onSkip: () => {} })) {
      await setTimeout(5);
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    // 50 pictures of 6 MB are 310 MB; two at a time and what the collector has not yet taken are well below.
    expect(most).toBeLessThan(150e6);
  });
});
