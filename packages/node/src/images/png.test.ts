import { crc32, deflateSync } from "node:zlib";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { defaultMaxPixels } from "./max-pixels.js";
import { createPngReader } from "./png.js";

const readPng = createPngReader();

const [height, width] = [9, 13];

function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

interface Parts {
  readonly size?: readonly [height: number, width: number];
  readonly bits?: number;
  readonly colourType?: number;
  readonly interlace?: number;
  /** Between header and data. */
  readonly extra?: readonly Buffer[];
  /** Of the data, as stored in the file. */
  readonly stored?: Uint8Array;
}

/** Any bytes are rows of filtered samples, if each begins with a filter's number. */
function filteredRows(rowBytes: number, filterOf: (y: number) => number, rows = height): Uint8Array {
  const random = new SeededRandom(rowBytes, "rows");
  return Uint8Array.from({ length: rows * (1 + rowBytes) }, (_, i) => {
    return i % (1 + rowBytes) === 0 ? filterOf(Math.floor(i / (1 + rowBytes))) : random.integer(256);
  });
}

function png({ size = [height, width], bits = 8, colourType = 0, interlace = 0, extra = [], stored }: Parts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size[1], 0);
  header.writeUInt32BE(size[0], 4);
  header.set([bits, colourType, 0, 0, interlace], 8);
  const data = stored ?? deflateSync(filteredRows(width, () => 0));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    ...extra,
    chunk("IDAT", data.subarray(0, 20)),
    chunk("IDAT", data.subarray(20)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const read = (bytes: Uint8Array) => readPng(bytes, defaultMaxPixels);

describe("a PNG", () => {
  const kinds = [0, 2, 4, 6].flatMap((colourType) => [8, 16].map((bits) => ({ colourType, bits })));
  const cases = kinds.flatMap((kind) => [0, 1, 2, 3, 4, 5].map((filter) => ({ ...kind, filter })));

  it.each(cases)(
    "has the samples that sharp reads: %j (5: all filters in turn)",
    async ({ colourType, bits, filter }) => {
      const channels = [1, 0, 3, 0, 2, 0, 4][colourType]!;
      const rows = filteredRows((width * channels * bits) / 8, (y) => (filter === 5 ? y % 5 : filter));
      const bytes = png({ bits, colourType, stored: deflateSync(rows) });
      const space = { 8: ["b-w", "srgb"], 16: ["grey16", "rgb16"] }[bits]![channels < 3 ? 0 : 1]!;
      const { data, info } = await sharp(bytes)
        .toColourspace(space)
        .raw({ depth: bits === 8 ? "uchar" : "ushort" })
        .toBuffer({ resolveWithObject: true });
      const reference = bits === 8 ? data : new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
      const found = read(bytes)!;
      expect(found).toMatchObject({ format: "png", bitDepth: bits });
      expect(found.pixels).toMatchObject({ height, width, channels, layout: channels < 3 ? "gray" : "rgb" });
      const colours = channels < 3 ? 1 : 3;
      for (let i = 0; i < height * width * colours; i++) {
        const [pixel, colour] = [Math.floor(i / colours), i % colours];
        const sample = found.pixels.data[pixel * channels + colour]!;
        expect(sample).toBe(reference[pixel * info.channels + colour]);
      }
    },
  );

  it.each([
    [2000, 50],
    [3, 40_000],
  ])(
    "of %i × %i of 16 bits, more than is worked on at once, has the samples that sharp reads",
    async (rows, columns) => {
      const filtered = filteredRows(2 * columns, (y) => (y === 0 ? 4 : (3 * y) % 5), rows);
      const bytes = png({ size: [rows, columns], bits: 16, stored: deflateSync(filtered) });
      const data = await sharp(bytes).toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
      const found = read(bytes)!.pixels.data;
      expect(Buffer.compare(Buffer.from(found.buffer, found.byteOffset, found.byteLength), data)).toBe(0);
    },
  );

  it("as sharp writes it is read", async () => {
    const samples = Uint8Array.from({ length: 50 * 70 }, (_, i) => (i * i) % 251);
    const bytes = await sharp(samples, { raw: { width: 70, height: 50, channels: 1 } })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect(read(bytes)?.pixels.data).toEqual(samples);
  });

  it.each([
    ["with a palette", png({ colourType: 3 })],
    ["of 4 bits", png({ bits: 4 })],
    ["of a colour type that there is not", png({ colourType: 1 })],
    ["that is interlaced", png({ interlace: 1 })],
    ["without pixels", png({ size: [0, width] })],
    ["that Exif may turn", png({ extra: [chunk("eXIf", Buffer.from("MM"))] })],
    ["with a filter that there is not", png({ stored: deflateSync(filteredRows(width, () => 5)) })],
    ["with a row too few", png({ stored: deflateSync(filteredRows(width, () => 0, height - 1)) })],
    ["with a row too many", png({ stored: deflateSync(filteredRows(width, () => 0, height + 1)) })],
    ["whose data are none", png({ stored: Buffer.from("no zlib stream, but 40 bytes of something") })],
    ["that claims 60,000 × 60,000 pixels", png({ size: [60_000, 60_000] })],
    ["that claims a hundred times its data", png({ size: [13_000, 13_000] })],
  ])("%s is left to others", (_, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });

  it("with any one byte changed, or cut anywhere, is left to others", () => {
    const bytes = png({});
    for (let at = 8; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      expect(read(damaged)).toBeUndefined();
      expect(read(bytes.subarray(0, at))).toBeUndefined();
    }
  });
});
