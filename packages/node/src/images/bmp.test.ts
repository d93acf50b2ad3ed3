import { InputError, type Levels, SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { readBmp } from "./bmp.js";

interface BmpParts {
  readonly bits: number;
  readonly width?: number;
  readonly height?: number; // negative: from top to bottom
  readonly compression?: number;
  readonly palette?: readonly number[]; // gray levels
  readonly rows: readonly (readonly number[])[]; // bytes as stored, padded
  readonly masks?: readonly number[];
}

/** Writes BITMAPFILEHEADER and BITMAPINFOHEADER by the book. */
function bmp({ bits, width = 3, height = 2, compression = 0, palette = [], masks = [], rows }: BmpParts): Uint8Array {
  const header = new DataView(new ArrayBuffer(54));
  header.setUint16(0, 0x4d42, true);
  header.setUint32(10, 54 + 4 * (masks.length + palette.length), true);
  header.setUint32(14, 40, true);
  header.setInt32(18, width, true);
  header.setInt32(22, height, true);
  header.setUint16(26, 1, true);
  header.setUint16(28, bits, true);
  header.setUint32(30, compression, true);
  header.setUint32(46, palette.length, true);
  const maskBytes = masks.flatMap((mask) => [mask & 255, (mask >> 8) & 255, (mask >> 16) & 255, 0]);
  const colours = palette.flatMap((level) => [level, level, level, 0]);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...maskBytes, ...colours, ...rows.flat()]);
}

function valuesOf({ height, width, readValues }: Levels): number[][] {
  const all = new Float32Array(height * width);
  readValues(0, all);
  return Array.from({ length: height }, (_, y) => {
    const row = new Float32Array(width);
    readValues(y, row);
    expect(all.subarray(y * width, (y + 1) * width)).toEqual(row);
    return [...row];
  });
}

const palette = [7, 50, 100, 200];
const upright = [
  [50, 7, 200],
  [100, 100, 7],
];

describe("BMP", () => {
  it("looks indices of 8 bits up, rows from bottom to top", () => {
    const rows = [
      [2, 2, 0, 0],
      [1, 0, 3, 0],
    ];
    const image = readBmp(bmp({ bits: 8, palette, rows }));
    expect(valuesOf(image.levels)).toEqual(upright);
    expect(image.bitDepth).toBe(8);
  });

  it("reads rows from top to bottom when the height is negative", () => {
    const rows = [
      [1, 0, 3, 0],
      [2, 2, 0, 0],
    ];
    expect(valuesOf(readBmp(bmp({ bits: 8, height: -2, palette, rows })).levels)).toEqual(upright);
  });

  it("unpacks 4 bits and 1 bit", () => {
    const nibbles = [
      [0x22, 0x00, 0, 0],
      [0x10, 0x30, 0, 0],
    ];
    expect(valuesOf(readBmp(bmp({ bits: 4, palette, rows: nibbles })).levels)).toEqual(upright);
    const bitRows = [
      [0b01000000, 0, 0, 0],
      [0b10100000, 0, 0, 0],
    ];
    const image = readBmp(bmp({ bits: 1, palette: [7, 50], rows: bitRows }));
    expect(image.bitDepth).toBe(1);
    expect(valuesOf(image.levels)).toEqual([
      [50, 7, 50],
      [7, 50, 7],
    ]);
  });

  it("reads blue, green, red, with and without a fourth byte", () => {
    const red = [0, 0, 255];
    const white = [255, 255, 255];
    const rows24 = [[...red, ...white, ...white, 0, 0, 0]];
    const rows32 = [[...red, 9, ...white, 9, ...white, 9]];
    const shown = [[expect.closeTo(0.299 * 255, 2), 255, 255]];
    expect(valuesOf(readBmp(bmp({ bits: 24, height: 1, rows: rows24 })).levels)).toEqual(shown);
    expect(valuesOf(readBmp(bmp({ bits: 32, height: 1, rows: rows32 })).levels)).toEqual(shown);
    const masks = [0xff0000, 0xff00, 0xff];
    const masked = bmp({ bits: 32, height: 1, compression: 3, masks, rows: rows32 });
    expect(valuesOf(readBmp(masked).levels)).toEqual(shown);
  });

  it.each([
    ["run-length compression", bmp({ bits: 8, compression: 1, palette, rows: [] }), /run-length compression: only/],
    ["16 bits", bmp({ bits: 16, rows: [] }), /16 bits per pixel, expected 1, 4, 8, 24 or 32/],
    ["a cut end", bmp({ bits: 8, palette, rows: [[0, 0, 0, 0]] }), /truncated BMP: 3 × 2 pixels need 78 bytes, got 74/],
    ["a cut header", new Uint8Array(53), /truncated BMP: the header is cut/],
    ["no rows", bmp({ bits: 8, height: 0, palette, rows: [] }), /damaged BMP: 3 × 0 pixels/],
    ["huge sides", bmp({ bits: 24, width: 2 ** 31 - 1, height: 2 ** 31 - 1, rows: [] }), /truncated BMP/],
    ["strange masks", bmp({ bits: 32, compression: 3, masks: [1, 2, 3], rows: [] }), /compression 3/],
  ])("refuses %s with a reason", (_what, bytes, reason) => {
    expect(() => readBmp(bytes)).toThrow(reason);
    expect(() => readBmp(bytes)).toThrow(InputError);
  });

  it("answers any damage with pixels or an InputError, never by reading beside the file", () => {
    const random = new SeededRandom(1, "bmp");
    const whole = bmp({
      bits: 8,
      palette,
      rows: [
        [2, 2, 0, 0],
        [1, 0, 3, 0],
      ],
    });
    for (let round = 0; round < 5000; round++) {
      const bytes = whole.slice(0, round % 3 === 0 ? random.integer(whole.length) : whole.length);
      for (let flips = 0; flips < 3; flips++) bytes[random.integer(54)] = random.integer(256);
      try {
        const { levels } = readBmp(bytes);
        if (levels.height * levels.width < 10_000) valuesOf(levels);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });
});
