import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBatches } from "../dataset/read-batches.js";
import { scanFolder } from "../dataset/scan-folder.js";
import type { ImageInfo } from "../images/decode.js";
import { loadSharp } from "../images/load-sharp.js";
import { claimFolder, type DemoFolder } from "./demo-folder.js";
import { encodings } from "./encode-plane.js";
import { makeDataset } from "./make-dataset.js";
import { paintPlanned, planImages } from "./plan-images.js";

const root = mkdtempSync(join(tmpdir(), "grayling demo ü-"));
let folder: DemoFolder;

beforeAll(async () => {
  folder = await claimFolder(root, 0);
  await makeDataset(folder, { seed: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function readAll(path: string) {
  const { images, classes } = await scanFolder(path);
  const [infos, skipped]: [ImageInfo[], string[]] = [[], []];
  const onSkip = (index: number, reason: string) => void skipped.push(`${images[index]!.relative}: ${reason}`);
  for await (const batch of readBatches(images, { height: 8, width: 8, fit: "stretch", batch: 64, onSkip })) {
    infos.push(...batch.infos);
  }
  return { classes, infos, skipped };
}

function hashes(path: string): string[] {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => {
    return createHash("sha256")
      .update(readFileSync(join(parentPath, name)))
      .digest("hex");
  });
}

describe("the demo's images", () => {
  it("can all be read but the three that are broken on purpose", async () => {
    const { classes, infos, skipped } = await readAll(folder.images);
    expect(classes).toEqual(["crazing", "inclusions", "patches", "pits", "rolled-in-scale", "scratches"]);
    expect(infos).toHaveLength(360);
    expect(skipped).toEqual([
      "inclusions/broken-empty.png: empty file (0 bytes)",
      "pits/broken-cut-off.png: truncated PNG",
      "scratches/broken-text.png: not an image: text",
    ]);
    const kinds = infos.map(({ format, bitDepth }) => `${format} ${bitDepth}`);
    expect(new Set(kinds)).toEqual(new Set(["png 8", "png 16", "jpeg 8", "webp 8"]));
    const sides = infos.flatMap(({ sourceHeight, sourceWidth }) => [sourceHeight, sourceWidth]);
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(112);
    expect(Math.max(...sides)).toBeLessThanOrEqual(256);
  });

  it("are held out in a folder of their own, and none of them is among those to train on", async () => {
    const { infos, skipped } = await readAll(folder.heldOut);
    expect(infos).toHaveLength(30);
    expect(skipped).toEqual([]);
    const known = new Set(hashes(folder.images));
    for (const hash of hashes(folder.heldOut)) expect(known.has(hash)).toBe(false);
  });

  it("are the same bytes when they are made again", async () => {
    const sharp = await loadSharp();
    for (const image of planImages().filter((_, i) => i % 11 === 0)) {
      const bytes = await encodings[image.encoding].encode(paintPlanned(image, 0), sharp);
      expect(readFileSync(join(folder[image.part], image.relative)).equals(bytes)).toBe(true);
    }
  });

  it("are not made further when the signal is aborted, and the reason is thrown", async () => {
    const controller = new AbortController();
    let painted = 0;
    const making = makeDataset(folder, {
      seed: 1,
      signal: controller.signal,
      onProgress: ({ done }) => {
        painted = done;
        if (done === 5) controller.abort(new Error("stopped"));
      },
    });
    await expect(making).rejects.toThrow("stopped");
    expect(painted).toBeLessThan(15);
  });
});
