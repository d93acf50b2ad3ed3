import { readFileSync } from "node:fs";
import { InputError, SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { decodeTiff } from "./decode-tiff.js";
import { openLevels } from "./open-levels.js";
import { readTiffDirectories } from "./tiff-directories.js";

interface Expected {
  readonly samples: string;
  readonly height: number;
  readonly width: number;
  readonly inverted: boolean;
  /** Where the file uses fewer bits than its samples' type has. */
  readonly range?: readonly [number, number];
  readonly pages: readonly (readonly number[])[];
}

const folder = repositoryFolder("fixtures", "tiff-samples");
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`));
const recorded = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Record<string, Expected>;
const pages = Object.entries(recorded).flatMap(([name, expected]) =>
  expected.pages.map((values, i) => ({ name, page: i + 1, values, expected })),
);
const gray = pages.filter(({ name }) => !name.includes("rgb"));

async function valuesOf(name: string, page = 1) {
  const opened = await openLevels(fixture(name), { page });
  const { levels } = opened;
  const values = new Float32Array(levels.height * levels.width);
  levels.readValues(0, values);
  return { ...opened, values };
}

describe("TIFF", () => {
  // tifffile's values; 32-bit integers and float64 are rounded to float32, the others must be equal.
  it.each(gray)("$name, page $page, has the values that tifffile reads", async ({ name, page, values, expected }) => {
    const { levels, values: actual } = await valuesOf(name, page);
    expect([...actual]).toEqual(values.map(Math.fround));
    expect(levels.isInverted ?? false).toBe(expected.inverted);
    expect(levels.samples).toBe(expected.samples.replace("float16", "float32"));
    if (expected.range) expect([levels.range.low, levels.range.high]).toEqual(expected.range);
  });

  it.each(pages.filter(({ name }) => name.includes("rgb")))("$name is read as luma", async ({ name, values }) => {
    const { values: actual } = await valuesOf(name);
    for (const [i, value] of actual.entries()) {
      const [red, green, blue] = values.slice(3 * i, 3 * i + 3) as [number, number, number];
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      expect(Math.abs(value - luma)).toBeLessThan(2e-5 * Math.max(red, green, blue)); // weights in 1/65,536
    }
  });

  it.each([
    ["float64-predictor.tif", /^TIFF with float64 samples, predictor \d: not supported; save it .*float32$/],
    ["float64-rgb.tif", /^TIFF with float64 samples, 3 per pixel: not supported; save it with 16 bits or as float32$/],
    ["uint64.tif", /^TIFF with 64 bits per sample \(uint\) is not supported, .*; save it with 16 bits or as float32$/],
    ["uint12-unpacked.tif", /^TIFF with packed 12-bit samples, 55 bytes expected in a strip, got 70: not supported/],
  ])("%s is refused by name", async (name, reason) => {
    await expect(openLevels(fixture(name))).rejects.toThrow(reason);
  });

  it("holds pictures that are read as bytes to the limit in pixels, not in bytes", async () => {
    for (const name of ["float64.tif", "uint12-packed.tif"]) {
      await expect(openLevels(fixture(name), { maxPixels: 34 })).rejects.toThrow("claims 7 × 5 pixels, limit 34");
      await expect(openLevels(fixture(name), { maxPixels: 35 })).resolves.toBeDefined();
    }
  });

  it("refuses a packed picture that is turned, and leaves the bytes it is given as they are", async () => {
    const bytes = fixture("uint12-packed-lzw.tif");
    const before = bytes.slice();
    await openLevels(bytes);
    expect(bytes).toEqual(before);
    const [first] = readTiffDirectories((at, length) => bytes.subarray(at, at + length));
    const { places } = first!.tags.get("compression")!;
    new DataView(bytes.buffer).setUint16(places[0]! - 8, 274, true); // the entry of the compression becomes an orientation
    await expect(openLevels(bytes)).rejects.toThrow("packed 12-bit samples, orientation 5: not supported");
  });

  it.each(["int16-pages.tif", "float16.tif", "uint12-packed.tif", "float64-pages.tif"])(
    "reads %s from a Buffer that shares its memory as from bytes of its own, and leaves all of it as it is",
    async (name) => {
      const bytes = fixture(name);
      const memory = new Uint8Array(64 + bytes.length + 64).fill(7); // as Node keeps small files, in a pool
      memory.set(bytes, 64);
      const before = memory.slice();
      const { levels } = await openLevels(Buffer.from(memory.buffer, 64, bytes.length));
      const values = new Float32Array(levels.height * levels.width);
      levels.readValues(0, values);
      expect(values).toEqual((await valuesOf(name)).values);
      expect(memory).toEqual(before);
    },
  );

  it("names a page that there is not", async () => {
    await expect(decodeTiff(fixture("int16-pages.tif"), { page: 4, maxPixels: 1e6 })).rejects.toEqual(
      new InputError("page 4 of 3: there is no such page"),
    );
    await expect(
      openLevels(readFileSync(`${repositoryFolder("fixtures", "mixed-bits")}/disc/gray.bmp`), { page: 2 }),
    ).rejects.toThrow("page 2: a file of this kind is read as one picture");
  });

  it("answers any damage to its directories with a picture or an InputError, and never without end", async () => {
    const random = new SeededRandom(3, "tiff");
    const names = [
      "int16.tif",
      "int16-bigtiff.tif",
      "int16-pages.tif",
      "float32-white-is-zero.tif",
      "uint12-packed-tiled.tif",
      "uint14-packed-deflate.tif",
      "float64-pages.tif",
    ];
    for (let round = 0; round < 700; round++) {
      const whole = fixture(names[round % names.length]!);
      const bytes = round % 3 === 0 ? whole.subarray(0, random.integer(whole.length)) : whole;
      for (let flips = 0; flips < 3; flips++) bytes[random.integer(bytes.length)] = random.integer(256);
      await openLevels(bytes, { page: 1 + (round % 2), maxPixels: 1e6 }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).not.toContain("\n");
      });
    }
  });
});
