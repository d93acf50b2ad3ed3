import { readFileSync } from "node:fs";
import { InputError, SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { decodeTiff } from "./decode-tiff.js";
import { openLevels } from "./open-levels.js";

interface Expected {
  readonly samples: string;
  readonly height: number;
  readonly width: number;
  readonly inverted: boolean;
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
  // tifffile's values; 32-bit integers are rounded to float32, the others must be equal.
  it.each(gray)("$name, page $page, has the values that tifffile reads", async ({ name, page, values, expected }) => {
    const { levels, values: actual } = await valuesOf(name, page);
    expect([...actual]).toEqual(values.map(Math.fround));
    expect(levels.isInverted ?? false).toBe(expected.inverted);
    expect(levels.samples).toBe(expected.samples.replace("float16", "float32"));
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
    ["float64.tif", /^TIFF with 64 bits per sample \(float\) is not supported.*float32$/],
    ["uint12-packed.tif", /^TIFF with 12 bits per sample \(uint\) is not supported/],
  ])("%s is refused by name", async (name, reason) => {
    await expect(openLevels(fixture(name))).rejects.toThrow(reason);
  });

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
    const names = ["int16.tif", "int16-bigtiff.tif", "int16-pages.tif", "float32-white-is-zero.tif"];
    for (let round = 0; round < 400; round++) {
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
