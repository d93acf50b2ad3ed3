import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readJpegHeader } from "./jpeg-header.js";

const gray = (height: number, width: number) =>
  sharp(new Uint8Array(height * width), { raw: { width, height, channels: 1 } }).toColourspace("b-w");

describe("the header of a JPEG", () => {
  it.each([false, true])("tells size, bits and components (progressive: %s)", async (progressive) => {
    const header = { height: 7, width: 300, bitDepth: 8, orientation: 1 };
    const one = await gray(7, 300).jpeg({ progressive }).toBuffer();
    const three = await gray(7, 300).toColourspace("srgb").jpeg({ progressive }).toBuffer();
    expect(readJpegHeader(one)).toEqual({ ...header, components: 1 });
    expect(readJpegHeader(three)).toEqual({ ...header, components: 3 });
  });

  it.each([1, 3, 6, 8])("tells orientation %i of Exif", async (orientation) => {
    const bytes = await gray(4, 8).jpeg().withMetadata({ orientation }).toBuffer();
    expect(readJpegHeader(bytes)).toMatchObject({ height: 4, width: 8, bitDepth: 8, orientation });
  });

  it("reads Exif of both byte orders, and other tags before the orientation", () => {
    const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0, ...entry([0x0f, 0x01], 9), ...entry([0x12, 0x01], 5)];
    const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 7, 0, 0];
    expect(readJpegHeader(jpegWith(little))?.orientation).toBe(5);
    expect(readJpegHeader(jpegWith(big))?.orientation).toBe(7);
  });

  it.each([
    ["that ends in the directory", [0x49, 0x49, 42, 0, 8, 0, 0, 0, 2, 0, 0x12, 0x01]],
    ["whose directory lies outside", [0x49, 0x49, 42, 0, 0xff, 0xff, 0xff, 0xff, 1, 0]],
    ["of no bytes", []],
  ])("leaves Exif %s to others", (_, tiff) => {
    expect(readJpegHeader(jpegWith(tiff))).toBeUndefined();
  });

  it("is undefined for every beginning of a file that ends before the picture", async () => {
    const bytes = await gray(4, 8).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    for (let length = 0; length < scan; length++) expect(readJpegHeader(bytes.subarray(0, length))).toBeUndefined();
  });
});

/** A directory entry of one 16-bit number, little endian. */
const entry = (tag: readonly number[], value: number) => [...tag, 3, 0, 1, 0, 0, 0, value, 0, 0, 0];

/** Start, Exif, a frame of 1 × 1 pixel, the start of a scan. */
function jpegWith(tiff: readonly number[]): Uint8Array {
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const frame = [8, 0, 1, 0, 1, 1, 1, 0x11, 0];
  const segment = (marker: number, content: readonly number[]) => [0xff, marker, 0, content.length + 2, ...content];
  return Uint8Array.from([0xff, 0xd8, ...segment(0xe1, exif), ...segment(0xc0, frame), ...segment(0xda, [1, 1, 0])]);
}
