/** Copies as they come about: scaled, recompressed, brightened; among pictures that are not. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findNearCopies, mostSearched } from "./find-near-copies.js";
import type { SplitCounts } from "./split-counts.js";

let folder: string;

/** Blobs of their own for every seed. */
function picture(seed: number) {
  const random = new SeededRandom(seed, "blobs");
  const waves = Array.from(
    { length: 6 },
    () => [random.next() * 0.2, random.next() * 0.2, random.next() * 6, 15 + 15 * random.next()] as const,
  );
  const levels = Uint8Array.from({ length: 96 * 128 }, (_, i) => {
    const [y, x] = [Math.floor(i / 128), i % 128];
    return waves.reduce(
      (sum, [down, across, phase, height]) => sum + height * Math.sin(down * y + across * x + phase),
      128,
    );
  });
  return sharp(levels, { raw: { width: 128, height: 96, channels: 1 } }).toColourspace("b-w");
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling copies ü-"));
  for (let i = 0; i < 12; i++) await writeFile(join(folder, `${i}.png`), await picture(i).png().toBuffer());
  await writeFile(join(folder, "small.png"), await picture(1).resize(80, 60).png().toBuffer());
  await writeFile(join(folder, "rough.jpg"), await picture(2).jpeg({ quality: 40 }).toBuffer());
  await writeFile(join(folder, "bright.png"), await picture(3).linear(0.8, 30).png().toBuffer());
  await writeFile(join(folder, "beside.png"), await picture(4).linear(0.9, 9).png().toBuffer());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const split = (sides: Readonly<Record<string, string>>): SplitCounts => ({
  images: Object.entries(sides).map(([path, side]) => ({ path, label: 0, side })),
  sides: [...new Set(Object.values(sides))],
  counts: [],
});
const originals = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.png`, "train"]));
const options = () => ({ dataset: folder, config: { window: "full" } });

it("finds copies on two sides, and only those", async () => {
  const sides = {
    ...originals,
    "small.png": "val",
    "rough.jpg": "test",
    "bright.png": "val",
    "beside.png": "train",
    "gone.png": "val",
  };
  const copies = await findNearCopies(split(sides), options());
  const pairs = copies!.map(({ images }) => images.map(({ path }) => path).join(" "));
  expect(pairs.sort()).toEqual(["1.png small.png", "2.png rough.jpg", "3.png bright.png"]);
  for (const { likeness } of copies!) expect(likeness).toBeGreaterThan(0.98);
});

it("finds none where there are none", async () => {
  expect(await findNearCopies(split({ ...originals, "11.png": "val" }), options())).toEqual([]);
});

it("does not search where there is one side, too many images, or no folder", async () => {
  expect(await findNearCopies(split(originals), options())).toBeUndefined();
  const many = Array.from({ length: mostSearched + 1 }, (_, i) => [`${i}.png`, i % 2 ? "val" : "train"]);
  expect(await findNearCopies(split(Object.fromEntries(many)), options())).toBeUndefined();
  const sides = split({ ...originals, "small.png": "val" });
  expect(await findNearCopies(sides, { ...options(), dataset: undefined })).toBeUndefined();
});
