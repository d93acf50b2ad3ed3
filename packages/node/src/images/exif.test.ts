import { readFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { ReadPart } from "../files/read-parts.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { readExif, readOrientation } from "./exif.js";
import { openLevels } from "./open-levels.js";
import { readFileHeader } from "./picture-header.js";

const partsOf =
  (bytes: Uint8Array): ReadPart =>
  (at, length) =>
    bytes.slice(at, at + length);

const tags = {
  IFD0: { Make: "Maker", Model: "Cam 5" },
  IFD2: { DateTimeOriginal: "2026:11:25 12:30:05", BodySerialNumber: "SN0042" },
};

const picture = () => sharp({ create: { width: 8, height: 6, channels: 3, background: "#888" } });

const told = { model: "Cam 5", serial: "SN0042", takenAt: Date.UTC(2026, 10, 25, 12, 30, 5) / 1000 };

/** Written by libexif: independent of what is tested. */
const written = async () => {
  const jpeg = await picture().withExif(tags).jpeg().toBuffer();
  const png = await picture().withExif(tags).png().toBuffer();
  const { exif } = await sharp(jpeg).metadata();
  return { jpeg, png, tiff: exif!.subarray(6) }; // without "Exif", what is left begins as a TIFF does
};

describe("Exif", () => {
  it.each(["jpeg", "png", "tiff"] as const)("of %s tells camera and time", async (format) => {
    expect(readExif(partsOf((await written())[format]), format)).toEqual(told);
  });

  it("cut or damaged anywhere is less, and never an error", async () => {
    for (const [format, bytes] of Object.entries(await written()) as ["jpeg" | "png" | "tiff", Buffer][]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(told).toMatchObject(keep(readExif(partsOf(bytes.subarray(0, length)), format)));
      }
      for (let at = 0; at < bytes.length; at++) readExif(partsOf(turn(bytes, at)), format);
    }
  });

  it("without a set clock, of another kind of file, or not there, is nothing", async () => {
    const unset = { IFD2: { DateTimeOriginal: "0000:00:00 00:00:00" } };
    expect(readExif(partsOf(await picture().withExif(unset).jpeg().toBuffer()), "jpeg")).toEqual({});
    expect(readExif(partsOf(await picture().jpeg().toBuffer()), "jpeg")).toEqual({});
    expect(readExif(partsOf((await written()).jpeg), "webp")).toEqual({});
    expect(readExif(partsOf(await picture().webp().toBuffer()), "webp")).toEqual({});
    expect(readOrientation(partsOf(await picture().webp().toBuffer()), "webp")).toBe(1);
  });

  describe.each([
    ["turned.png", "png"],
    ["turned.webp", "webp"],
    ["turned-lossy.webp", "webp"],
  ] as const)("that Pillow wrote into %s", (name, format) => {
    const path = repositoryFolder("fixtures", "exif", name);
    const bytes = readFileSync(path);

    it("tells camera, time and orientation", () => {
      expect(readExif(partsOf(bytes), format)).toEqual(told);
      expect(readOrientation(partsOf(bytes), format)).toBe(6);
    });

    it("turns the picture, whose header tells the size that it then has", async () => {
      const { levels } = await openLevels(bytes);
      const row = new Float32Array(levels.width);
      levels.readValues(0, row);
      expect([levels.height, levels.width, row.indexOf(Math.min(...row))]).toEqual([10, 6, 5]);
      expect((await readFileHeader(path)).pages).toMatchObject([{ height: 10, width: 6 }]);
    });

    it("cut or damaged anywhere is no error", () => {
      for (let length = 0; length < bytes.length; length++) {
        const cut = partsOf(bytes.subarray(0, length));
        expect(told).toMatchObject(keep(readExif(cut, format)));
        expect([1, 6]).toContain(readOrientation(cut, format));
      }
      for (let at = 0; at < bytes.length; at++) {
        readExif(partsOf(turn(bytes, at)), format);
        readOrientation(partsOf(turn(bytes, at)), format);
      }
    });
  });
});

/** Texts may be cut short at the end of the bytes; a number may not. */
const keep = ({ takenAt }: ReturnType<typeof readExif>) => (takenAt === undefined ? {} : { takenAt });

const turn = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 0xff : byte));
