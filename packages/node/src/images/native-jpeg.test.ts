import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeLargeJpeg } from "./native-jpeg.js";
import { loadTurboJpeg } from "./turbo-jpeg.js";

const decodeLuma = await loadTurboJpeg();
const [height, width] = [700, 900];

/** A wave with noise. */
function picture(rows = height) {
  const random = new SeededRandom(rows, "picture");
  const samples = Uint8Array.from({ length: rows * width }, (_, i) => {
    return 128 + 90 * Math.sin(0.1 * (i % width) + 0.03 * Math.floor(i / width)) + random.integer(30);
  });
  return sharp(samples, { raw: { width, height: rows, channels: 1 } }).toColourspace("b-w");
}

describe("a large gray JPEG", () => {
  it.each([{ quality: 85 }, { quality: 100 }, { progressive: true }, { quality: 5, optimizeCoding: false }])(
    "has the levels that libjpeg-turbo as WebAssembly gives: %j",
    async (options) => {
      const bytes = await picture().jpeg(options).toBuffer();
      const decoded = await decodeLargeJpeg(bytes);
      expect(decoded?.pixels).toMatchObject({ height, width, channels: 1, layout: "gray" });
      expect(Uint8Array.from(decoded!.pixels.data)).toEqual(decodeLuma(bytes, height, width));
    },
  );

  it("is left to others where it is cut", async () => {
    const bytes = await picture().jpeg().toBuffer();
    for (const part of [0.1, 0.5, 0.99]) {
      expect(await decodeLargeJpeg(bytes.subarray(0, part * bytes.length))).toBeUndefined();
    }
  });

  it("is left to others where it is small, coloured, turned, too large or no JPEG", async () => {
    const small = await picture(100).jpeg().toBuffer();
    const colour = await picture().toColourspace("srgb").jpeg().toBuffer();
    const turned = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const png = await picture().png().toBuffer();
    for (const bytes of [small, colour, turned, png]) expect(await decodeLargeJpeg(bytes)).toBeUndefined();
    const bytes = await picture().jpeg().toBuffer();
    expect(await decodeLargeJpeg(bytes, height * width - 1)).toBeUndefined();
    expect(await decodeLargeJpeg(bytes, height * width)).toBeDefined();
  });
});
