import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { augmentPlane, InputError, presets } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { isInk } from "./bitmap-font.js";
import { layOutSheet } from "./contact-sheet.js";
import { writePreview } from "./preview.js";

const mixedBits = repositoryFolder("fixtures", "mixed-bits");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling-augment-"));
});
afterAll(() => rm(folder, { recursive: true }));

const base = {
  height: 40,
  width: 60,
  fit: "stretch",
  images: 4,
  variants: 3,
  seed: 0,
  augment: presets.strong,
} as const;

/** The sheet as gray levels: sides, and the level at (y, x). */
async function readSheet(path: string) {
  const bytes = await readFile(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)]; // IHDR
  const { plane } = await (await createDecoder({ height, width, fit: "stretch" }))(bytes);
  return { height, width, at: (y: number, x: number) => plane[y * width + x]! };
}

describe("a contact sheet", () => {
  it("shows the originals and, beside each, what a training with the same seed makes of it", async () => {
    const out = join(folder, "sheet.png");
    const { images } = await writePreview(mixedBits, { ...base, out });
    expect(images).toHaveLength(4);
    expect(images.map((image) => image.split("/")[0])).toContain("disc");
    const sheet = await readSheet(out);
    const cell = { height: 40 + 4 * 10 + 8, width: 72 + 8 }; // four lines of label; twelve letters, since 60 px are less
    expect([sheet.height, sheet.width]).toEqual([8 + 4 * cell.height, 8 + 4 * cell.width]);
    const decode = await createDecoder({ height: 40, width: 60, fit: "stretch" });
    for (const [row, image] of images.entries()) {
      const bytes = await readFile(join(mixedBits, image));
      const plane = { values: (await decode(bytes)).plane, height: 40, width: 60 };
      const name = createHash("sha256").update(bytes).digest("hex");
      const variants = [0, 1, 2].map((epoch) => augmentPlane(plane, base.augment, { seed: 0, image: name, epoch }));
      for (const [column, { values }] of [plane, ...variants].entries()) {
        for (const [i, level] of values.entries()) {
          const [y, x] = [8 + row * cell.height + Math.floor(i / 60), 8 + column * cell.width + (i % 60)];
          expect(Math.abs(sheet.at(y, x) - level)).toBeLessThanOrEqual(0.5);
        }
      }
    }
  });

  it("has at each place the levels of the plane, rounded, on white", () => {
    const plane = { values: Float32Array.from({ length: 6 }, (_, i) => i + 0.4), height: 2, width: 3 };
    const { data, width } = layOutSheet([[{ plane, label: "" }]]);
    expect([...data.subarray(8 * width + 8, 8 * width + 12)]).toEqual([0, 1, 2, 255]);
    expect([...data.subarray(9 * width + 8, 9 * width + 12)]).toEqual([3, 4, 5, 255]);
    expect(data.filter((level) => level !== 255)).toHaveLength(6);
  });

  it("writes labels in letters, on as many lines as they need, four at most, and within the sheet", () => {
    const plane = { values: new Float32Array(72 * 2).fill(255), height: 2, width: 72 };
    const ink = (label: string) => layOutSheet([[{ plane, label }]]).data.filter((level) => level === 0).length;
    const inkOf = (letter: string) => {
      const pixels = Array.from({ length: 35 }, (_, i) => isInk(letter, Math.floor(i / 5), i % 5));
      return pixels.filter(Boolean).length;
    };
    expect(ink("a")).toBe(inkOf("A"));
    expect(ink("a b")).toBe(inkOf("a") + inkOf("b"));
    expect(ink("x".repeat(48))).toBe(48 * inkOf("x"));
    expect(ink("x".repeat(500))).toBe(48 * inkOf("x"));
    expect(ink("ü")).toBe(inkOf("u"));
    expect(inkOf("語")).toBeGreaterThan(0); // a box, for what is not in the font
  });

  it("is made of the classes in turn, and the same for the same seed", async () => {
    const outs = ["a.png", "b.png", "c.png"].map((name) => join(folder, name));
    await writePreview(mixedBits, { ...base, out: outs[0]! });
    await writePreview(mixedBits, { ...base, out: outs[1]! });
    await writePreview(mixedBits, { ...base, out: outs[2]!, seed: 1 });
    const [a, b, c] = await Promise.all(outs.map((out) => readFile(out)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it("shows of images that are cut into tiles one tile each, as it is and as a training varies it", async () => {
    const out = join(folder, "tiles.png");
    const { images } = await writePreview(mixedBits, { ...base, fit: "tile", height: 32, width: 72, out });
    expect(new Set(images).size).toBe(4);
    const sheet = await readSheet(out);
    const cell = { height: 32 + 4 * 10 + 8, width: 72 + 8 };
    const decode = await createDecoder({ height: 32, width: 72, fit: "tile" });
    for (const [row, image] of images.entries()) {
      const bytes = await readFile(join(mixedBits, image));
      const { plane } = await decode(bytes);
      const tile = Math.floor(plane.length / (32 * 72) / 2);
      const shown = { values: plane.slice(tile * 32 * 72, (tile + 1) * 32 * 72), height: 32, width: 72 };
      const name = createHash("sha256").update(bytes).digest("hex") + (tile === 0 ? "" : ` tile ${tile}`);
      const variant = augmentPlane(shown, base.augment, { seed: 0, image: name, epoch: 0 });
      for (const [column, { values }] of [shown, variant].entries()) {
        for (const [i, level] of values.entries()) {
          const [y, x] = [8 + row * cell.height + Math.floor(i / 72), 8 + column * cell.width + (i % 72)];
          expect(Math.abs(sheet.at(y, x) - level)).toBeLessThanOrEqual(0.5);
        }
      }
    }
  });

  it("is refused where it would be too large, or where nothing can be read", async () => {
    const out = join(folder, "never.png");
    const large = writePreview(mixedBits, { ...base, out, images: 1000, variants: 1000, height: 600, width: 600 });
    await expect(large).rejects.toThrow(InputError);
    await expect(large).rejects.toThrow("ask for fewer images or variants");
    await expect(writePreview(join(folder, "missing"), { ...base, out })).rejects.toThrow(InputError);
    const other = join(folder, "sheet.jpg");
    await expect(writePreview(mixedBits, { ...base, out: other })).rejects.toThrow("expected a name that ends in .png");
    for (const path of [out, other]) await expect(readFile(path)).rejects.toThrow();
  });

  it("shows the images of a list, and tells the window that was chosen for them", async () => {
    const list = join(folder, "list.csv");
    const lines = ["disc", "stripes"].map((label) => `${join(mixedBits, label, "gray-16bit.png")},${label}`);
    await writeFile(list, ["path,label", ...lines].join("\n"));
    const { images, said } = await writePreview(list, { ...base, out: join(folder, "list.png") });
    expect(images).toHaveLength(2);
    expect(said).toMatch(/^16-bit images, values .*: window p0\.1-p99\.9 = \d+:\d+$/);
  });
});
