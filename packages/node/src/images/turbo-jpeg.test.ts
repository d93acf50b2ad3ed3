import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { loadTurboJpeg } from "./turbo-jpeg.js";

const decodeLuma = await loadTurboJpeg();

/** A wave with noise, as sharp. */
function picture(height: number, width: number) {
  const random = new SeededRandom(height, `${width}`);
  const samples = Uint8Array.from({ length: height * width }, (_, i) => {
    return 128 + 90 * Math.sin(0.1 * (i % width) + 0.03 * Math.floor(i / width)) + random.integer(30);
  });
  return sharp(samples, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
}

/** What sharp, whose libjpeg-turbo is another build, makes of the same file: gray, or the red channel of a gray. */
async function decodeWithSharp(bytes: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return Uint8Array.from({ length: info.width * info.height }, (_, i) => data[i * info.channels]!);
}

describe("luma of a JPEG", () => {
  it.each([
    [1, 1, {}],
    [8, 8, { quality: 1 }],
    [84, 112, { quality: 90 }],
    [61, 203, { quality: 100 }],
    [97, 50, { progressive: true }],
    [97, 50, { optimizeCoding: false, quality: 75 }],
    [700, 900, { quality: 85 }],
  ])("is what sharp reads, to the level: gray of %i × %i, %j", async (height, width, options) => {
    const bytes = await picture(height, width).jpeg(options).toBuffer();
    expect(decodeLuma(bytes, height, width)).toEqual(await decodeWithSharp(bytes));
  });

  it.each(["4:4:4", "4:2:0"])("is the level of a gray stored as colour, %s", async (chromaSubsampling) => {
    const bytes = await picture(40, 57).toColourspace("srgb").jpeg({ chromaSubsampling }).toBuffer();
    expect(decodeLuma(bytes, 40, 57)).toEqual(await decodeWithSharp(bytes));
  });

  it("is undefined for a JPEG cut anywhere, and for the next whole one as before", async () => {
    const bytes = await picture(64, 80).jpeg().toBuffer();
    const whole = decodeLuma(bytes, 64, 80);
    for (let length = 0; length < bytes.length - 2; length += 97) {
      expect(decodeLuma(bytes.subarray(0, length), 64, 80)).toBeUndefined();
      expect(decodeLuma(bytes, 64, 80)).toEqual(whole);
    }
  });

  it("survives any damage: levels of that size, or undefined", async () => {
    const whole = await picture(64, 80).jpeg().toBuffer();
    const random = new SeededRandom(0, "damage");
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from(whole);
      for (let flips = 0; flips < 3; flips++) bytes[2 + random.integer(bytes.length - 2)] = random.integer(256);
      const luma = decodeLuma(bytes, 64, 80);
      if (luma) expect(luma.length).toBe(64 * 80);
      else refused++;
    }
    expect(refused).toBeGreaterThan(50);
  });

  it("is undefined for inks, which have no luma", async () => {
    const bytes = await picture(8, 8).toColourspace("cmyk").jpeg().toBuffer();
    expect(decodeLuma(bytes, 8, 8)).toBeUndefined();
  });
});
