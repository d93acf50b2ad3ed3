import { readFileSync } from "node:fs";
import { InputError, parseSettledWindow, SeededRandom } from "@grayling/core";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { createDecoder, type DecodedImage, type Decoding } from "./decode.js";
import { openLevels } from "./open-levels.js";

interface Expected {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** Of DICOM: added to the stored values, which are what is recorded. */
  readonly rescaleIntercept?: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly pixels: readonly [x: number, y: number, value: number][];
  readonly tolerance: number;
}

const folder = repositoryFolder("fixtures", "mixed-bits");
const recorded = Object.entries(
  JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Record<string, Expected | "error" | "ignored">,
);
const readable = recorded.filter((entry): entry is [string, Expected] => {
  return typeof entry[1] !== "string";
});

async function decode(
  bytes: Uint8Array,
  height: number,
  width: number,
  more: Pick<Decoding, "window" | "maxPixels"> = {},
): Promise<DecodedImage> {
  return (await createDecoder({ height, width, fit: "stretch", ...more }))(bytes);
}

function fixture(name: string): Uint8Array {
  return readFileSync(`${folder}/${name}`);
}

/** A picture of one pixel, as sharp writes it from raw samples. */
function onePixel(samples: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4): Sharp {
  return sharp(samples, { raw: { width: 1, height: 1, channels } });
}

describe("the decoder", () => {
  it("reads all 74 readable pictures of the fixture", () => {
    expect(readable.length).toBe(74);
  });

  it.each(readable)("reads the values of %s in its own units, as its reference reader does", async (name, expected) => {
    const { levels, bitDepth } = await openLevels(fixture(name));
    const { height, width } = levels;
    expect([bitDepth, height, width]).toEqual([expected.bitDepth, expected.height, expected.width]);
    const values = new Float32Array(height * width);
    levels.readValues(0, values);
    const { rescaleIntercept = 0 } = expected;
    for (let i = 0; i < values.length; i++) values[i]! -= rescaleIntercept;
    // JPEG decoders differ in rounding; the luma of CMYK is rounded by Pillow, not by us; all others are equal.
    for (const [x, y, value] of expected.pixels) {
      expect(Math.abs(values[y * width + x]! - value)).toBeLessThanOrEqual(expected.tolerance);
    }
    const extremes = [Math.min(...values), Math.max(...values)] as const;
    expect(Math.abs(extremes[0] - expected.min)).toBeLessThanOrEqual(expected.tolerance);
    expect(Math.abs(extremes[1] - expected.max)).toBeLessThanOrEqual(expected.tolerance);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - expected.mean)).toBeLessThan(expected.tolerance === 0 ? 1e-6 * expected.max : 0.2);
  });

  it.each(readable.filter(([name]) => !/float32|dcm/.test(name)))(
    "reads the gray levels of %s that its reference reader reads",
    async (name, expected) => {
      const image = await decode(fixture(name), expected.height, expected.width);
      // The reference has stored values: 16 bits are divided by 257. JPEG decoders differ in rounding, the others must not.
      const toLevel = expected.bitDepth === 16 ? 1 / 257 : 1;
      const atol = expected.tolerance + 1e-4;
      for (const [x, y, value] of expected.pixels) {
        expect(Math.abs(image.plane[y * expected.width + x]! - value * toLevel)).toBeLessThan(atol);
      }
      const mean = image.plane.reduce((sum, level) => sum + level, 0) / image.plane.length;
      expect(Math.abs(mean - expected.mean * toLevel)).toBeLessThan(expected.tolerance === 0 ? 1e-3 : 0.2);
      expect(Math.abs(image.max - expected.max)).toBeLessThan(atol);
      expect(image.bitDepth).toBe(expected.bitDepth);
      expect(Math.max(image.sourceHeight, image.sourceWidth)).toBe(Math.max(expected.height, expected.width));
    },
  );

  it.each([
    ["disc/claims-60000x60000.png", "claims 60,000 × 60,000 pixels, limit 178,956,970 in all (--max-pixels)"],
    ["disc/damaged-data.png", "damaged PNG"],
    ["disc/empty.png", "empty file (0 bytes)"],
    ["disc/notes.txt", "not an image: text"],
    ["disc/truncated.jpg", "truncated JPEG"],
    ["disc/truncated.png", "truncated PNG"],
    [
      "disc/float32.tif",
      "float32, values −20.5 … 83.2: the window full takes 0 … 1 of floats; choose --window minmax, image or low:high",
    ],
    ["stripes/Thumbs.db", "not an image: bytes d0 cf 11 e0 …"],
    ["stripes/header-only.png", "truncated PNG"],
    ["stripes/text.dcm", "not an image: text"],
    ["stripes/truncated.tif", "truncated or damaged TIFF, or one of a kind that is not supported"],
  ])("says of %s: %s", async (name, reason) => {
    await expect(decode(fixture(name), 8, 8)).rejects.toEqual(
      expect.objectContaining({ name: "InputError", message: reason }),
    );
  });

  it("makes gray levels of degrees Celsius with a window in degrees, before it resizes", async () => {
    const window = parseSettledWindow("-20.5:83.2");
    const { plane, min, max, samples } = await decode(fixture("disc/float32.tif"), 64, 96, { window });
    expect({ min, max, samples }).toEqual({ min: -20.5, max: Math.fround(83.2), samples: "float32" });
    // 0.6, 0.3 and 1.0 of the range stand in the corners: 153, 76.5, 255.
    expect(plane[8 * 96 + 87]).toBeCloseTo(153, 4);
    expect(plane[55 * 96 + 8]).toBeCloseTo(76.5, 4);
    expect(plane[0]).toBeCloseTo(255, 4);
    // Values beyond are cut off before they are averaged, as a display would.
    const narrow = await decode(fixture("disc/float32.tif"), 1, 1, { window: parseSettledWindow("0:1") });
    expect(narrow.plane[0]!).toBeLessThan(255);
  });

  it("gives each picture its own range with the window image", async () => {
    const window = parseSettledWindow("image");
    for (const name of ["disc/float32.tif", "disc/gray-12-of-16bit.png", "disc/gray-8bit.png"]) {
      const { plane } = await decode(fixture(name), 64, 96, { window });
      expect([Math.min(...plane), Math.max(...plane)]).toEqual([0, 255]);
      expect(Math.abs(plane[8 * 96 + 87]! - 153)).toBeLessThan(0.1);
    }
    expect((await decode(fixture("disc/one-pixel.png"), 2, 2, { window })).plane).toEqual(new Float32Array(4));
  });

  it.each([
    ["float32-nan.tif", /^holds values that are no numbers \(NaN\)/],
    ["float32-infinite.tif", /^holds infinite values/],
  ])("refuses %s, whatever the window", async (name, reason) => {
    const bytes = readFileSync(repositoryFolder("fixtures", "tiff-samples", name));
    for (const window of ["full", "image", "-20:80"]) {
      await expect(decode(bytes, 8, 8, { window: parseSettledWindow(window) })).rejects.toThrow(reason);
    }
  });

  it("refuses a picture without a window of its own under the window dicom", async () => {
    const window = parseSettledWindow("dicom");
    await expect(decode(fixture("disc/gray-8bit.png"), 8, 8, { window })).rejects.toThrow(/states no window/);
  });

  it("holds pictures to the limit of pixels that it is given", async () => {
    for (const name of ["gray-8bit.png", "gray.jpg", "gray.bmp", "gray.gif", "three-pages.tif", "gray-lossless.webp"]) {
      await expect(decode(fixture(`disc/${name}`), 8, 8, { maxPixels: 64 * 96 - 1 })).rejects.toThrow(
        "claims 96 × 64 pixels, limit 6,143 in all (--max-pixels)",
      );
      await expect(decode(fixture(`disc/${name}`), 8, 8, { maxPixels: 64 * 96 })).resolves.toBeDefined();
    }
  });

  it("refuses four kilobytes that claim 3.6 gigapixels without allocating them", async () => {
    const before = process.memoryUsage().rss;
    await expect(decode(fixture("disc/claims-60000x60000.png"), 8, 8)).rejects.toThrow(InputError);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it("answers any damage with a picture or an InputError of one line", async () => {
    const decoder = await createDecoder({ height: 8, width: 8, fit: "stretch" });
    const random = new SeededRandom(1, "damage");
    const rounds = readable.flatMap(([name]) => Array.from({ length: 6 }, (_, round) => [name, round] as const));
    const decodeDamaged = async ([name, round]: readonly [string, number]): Promise<void> => {
      const bytes = Uint8Array.from(fixture(name));
      for (let flips = 0; flips < 4; flips++) bytes[random.integer(bytes.length)] = random.integer(256);
      const cut = round % 2 === 0 ? bytes : bytes.subarray(0, random.integer(bytes.length));
      const error = await decoder(cut).catch((reason: unknown) => reason);
      if (error instanceof Error)
        expect(error).toMatchObject({ name: "InputError", message: expect.not.stringContaining("\n") });
    };
    await Promise.all(rounds.map(decodeDamaged));
  });

  it("refuses a size that is none before it sees a file", async () => {
    await expect(createDecoder({ height: 0, width: 8, fit: "stretch" })).rejects.toThrow(InputError);
  });

  it("does not lend the unused parsers of libvips to a file", async () => {
    await decode(fixture("stripes/truncated.tif"), 8, 8).catch(() => {}); // sharp is loaded for the first file that needs it
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    await expect(sharp(svg).metadata()).rejects.toThrow();
    await expect(decode(svg, 8, 8)).rejects.toEqual(new InputError("not an image: text"));
  });

  // Numbers of Pillow 13: Image.new("RGB", …).convert("L"), whole levels, hence within a half.
  it.each([
    [[255, 0, 0], 76],
    [[0, 255, 0], 150],
    [[0, 0, 255], 29],
    [[250, 128, 114], 163],
  ])("weighs the colour %j as Pillow does", async (colour, expected) => {
    const png = await onePixel(Uint8Array.from(colour), 3).png().toBuffer();
    expect(Math.abs((await decode(png, 1, 1)).plane[0]! - expected)).toBeLessThanOrEqual(0.5);
  });

  it("ignores alpha, also when resizing", async () => {
    const left = [200, 200, 200, 0];
    const right = [200, 200, 200, 255];
    const samples = Uint8Array.from([...left, ...right]);
    const png = await sharp(samples, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decode(png, 3, 5)).plane]).toEqual(Array(15).fill(200));
  });

  it("keeps 16 bits of colour with alpha", async () => {
    const samples = Uint16Array.of(1000, 1000, 1000, 5);
    const png = await onePixel(samples, 4).toColourspace("rgb16").png().toBuffer();
    const image = await decode(png, 1, 1);
    expect(image.bitDepth).toBe(16);
    expect(image.plane[0]).toBeCloseTo(1000 / 257, 5);
  });

  it("stays within one level of Pillow when it resizes 8 bits", async () => {
    const path = repositoryFolder("fixtures", "resize", "expected.json");
    const whole = (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>)["gray-8bit.png"];
    for (const [size, levels] of Object.entries(whole as Record<string, number[]>)) {
      const [height, width] = size.split("x").map(Number) as [number, number];
      const { plane } = await decode(fixture("disc/gray-8bit.png"), height, width);
      // Pillow rounds to whole levels after each of its two passes: half a level each.
      for (const [i, level] of levels.entries()) expect(Math.abs(plane[i]! - level)).toBeLessThan(1.001);
    }
  });
});
