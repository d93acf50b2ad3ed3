import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { trainAsInKeras } from "./keras-question.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling nine é-"));
  await writeNineClasses(join(folder, "images"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it("trains the question's model on nine classes of gray images", async () => {
  // Random weights: the file of ImageNet's is not in the repository. Even so stripes of nine directions can be told apart.
  const result = await trainAsInKeras(join(folder, "images"), {
    weights: "random",
    report: false,
    out: join(folder, "runs"),
  });
  expect(result.dataset.classes).toHaveLength(9);
  expect(result.isValidation.filter(Boolean)).toHaveLength(9 * 4);
  expect(result.validation!.metrics.accuracy).toBeGreaterThan(0.5); // chance: 0.11
  const model = decodeSummary(await readFile(join(result.folder, "model.onnx")), "model.onnx");
  expect(model.inputs.map(({ shape }) => shape)).toEqual([["N", 1, 84, 112]]);
  expect(model.outputs[0]).toEqual({ name: "predictions", shape: ["N", 9] });
});

/** 20 images of 60 × 80 px per class: stripes of one of nine directions, of any phase, with noise. */
async function writeNineClasses(root: string): Promise<void> {
  for (let label = 0; label < 9; label++) {
    await mkdir(join(root, `direction ${label}`), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const pixels = stripes((Math.PI * label) / 9, new SeededRandom(label, `image ${i}`));
      const image = sharp(pixels, { raw: { width: 80, height: 60, channels: 1 } });
      await image
        .toColourspace("b-w")
        .png()
        .toFile(join(root, `direction ${label}`, `${i}.png`));
    }
  }
}

function stripes(angle: number, random: SeededRandom): Uint8Array {
  const phase = 2 * Math.PI * random.next();
  return Uint8Array.from({ length: 60 * 80 }, (_, i) => {
    const along = (i % 80) * Math.cos(angle) + Math.floor(i / 80) * Math.sin(angle);
    return Math.min(255, Math.max(0, 128 + 80 * Math.sin(along + phase) + 20 * random.normal()));
  });
}
