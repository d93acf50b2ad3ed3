import { readFileSync } from "node:fs";
import { applyWindow, InputError, type Levels } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { type DicomFrame, decodeDicom, openDicom } from "./dicom.js";
import { defaultMaxPixels } from "./max-pixels.js";
import { loadTurboJpeg } from "./turbo-jpeg.js";

interface Expected {
  readonly frames: number;
  readonly values: readonly (readonly number[])[]; // of each frame, in the modality's units
  readonly levels?: readonly (readonly number[])[]; // windowed and inverted, 0–255
  readonly windows?: readonly (readonly [low: number, high: number])[];
}

const folder = repositoryFolder("fixtures", "dicom");
const recorded = Object.entries(
  JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Record<string, Expected>,
);
const decodeLuma = await loadTurboJpeg();

function fixture(name: string): Buffer {
  return readFileSync(`${folder}/${name}.dcm`);
}

function valuesOf({ height, width, readValues }: Levels): Float32Array {
  const values = new Float32Array(height * width);
  readValues(0, values);
  return values;
}

function show(frame: DicomFrame): Float32Array {
  const levels = new Float32Array(frame.height * frame.width);
  applyWindow(frame, { kind: "dicom" }).readRows(0, levels);
  return levels;
}

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
}

describe("DICOM", () => {
  it("has a recorded reference for every file but the one that is not decoded", () => {
    expect(recorded.length).toBe(29);
  });

  it.each(recorded)("reads the values that pydicom reads from %s", (name, expected) => {
    const file = openDicom(fixture(name));
    expect(file.frames).toBe(expected.frames);
    expect([file.height, file.width]).toEqual([5, 7]);
    expect(file.ids).toEqual({ patient: "PAT-7", study: "1.2.3.40", series: "1.2.3.41" });
    expected.values.forEach((values, i) => {
      const frame = file.readFrame(i + 1, decodeLuma);
      // Whole numbers are exact, fractions rounded to float32 (values up to 65,536); two decoders of JPEG may differ by one.
      expect(largestDifference(valuesOf(frame), values)).toBeLessThanOrEqual(/jpeg/.test(name) ? 1 : 0.004);
      expect(Math.max(...values)).toBeLessThanOrEqual(frame.range.high);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(frame.range.low);
    });
  });

  it.each(recorded)("reads %s in parts as it reads it whole", (name, { frames }) => {
    const frame = openDicom(fixture(name)).readFrame(frames, decodeLuma);
    const whole = valuesOf(frame);
    for (let y = 0; y < frame.height; y++) {
      const row = new Float32Array(frame.width);
      frame.readValues(y, row);
      expect(row).toEqual(whole.subarray(y * frame.width, (y + 1) * frame.width));
    }
  });

  it.each(recorded.filter(([, { levels }]) => levels))("shows %s in its window as pydicom does", (name, expected) => {
    const file = openDicom(fixture(name));
    expected.levels!.forEach((levels, i) => {
      const frame = file.readFrame(i + 1, decodeLuma);
      expect(largestDifference(show(frame), levels)).toBeLessThan(2e-3); // float32, times 255 / the window's width
    });
  });

  it("knows frames and identifiers from a beginning that reaches the pixels", () => {
    const bytes = fixture("rle-16bit-three-frames");
    const { frames, ids } = openDicom(bytes.subarray(0, bytes.indexOf(Buffer.of(0xe0, 0x7f, 0x10, 0x00)) + 12));
    expect(frames).toBe(3);
    expect(ids.patient).toBe("PAT-7");
  });

  it("takes rescaling and window from the functional groups of each frame", () => {
    const file = openDicom(fixture("enhanced"));
    const windows = recorded.find(([name]) => name === "enhanced")![1].windows!;
    windows.forEach(([low, high], i) => {
      expect(file.readFrame(i + 1, decodeLuma).fileWindow).toEqual({ low, high });
    });
    expect(file.readFrame(3, decodeLuma).range).toEqual({ low: 7, high: 4095 * 0.25 + 7 });
  });

  it("says what 12 stored bits can hold, in the modality's units", () => {
    const frame = openDicom(fixture("implicit-12bit-rescaled")).readFrame(1, decodeLuma);
    expect(frame.samples).toBe("int16"); // stored unsigned, with 1,024 taken off
    expect(frame.range).toEqual({ low: -1024, high: 3071 });
    expect(openDicom(fixture("implicit-12bit-rescaled")).bitDepth).toBe(12);
  });

  it("reports a table for display that it does not apply", () => {
    const frame = openDicom(fixture("voi-lut-only")).readFrame(1, decodeLuma);
    expect(frame.fileWindow).toBeUndefined();
    expect(frame.notes).toEqual(["its lookup table for display (VOI LUT) is not applied, and it has no window"]);
  });

  it("names a compression that it does not decode, and says what to do", () => {
    expect(() => openDicom(fixture("jpeg-2000"))).toThrow(
      new InputError(
        "JPEG 2000 Lossless (1.2.840.10008.1.2.4.90) is not decoded: convert the DICOM file first, for instance with gdcmconv --raw in.dcm out.dcm",
      ),
    );
  });

  it("decodes a frame at once, JPEG among it", async () => {
    const limits = { page: 2, maxPixels: defaultMaxPixels };
    const { levels, bitDepth } = await decodeDicom(fixture("jpeg-in-fragments"), limits);
    expect(bitDepth).toBe(8);
    expect(valuesOf(levels)[0]).toBeCloseTo(10, -1); // the second of three, which begin at 0, 10 and 20
    const native = await decodeDicom(fixture("three-frames"), limits);
    expect(valuesOf(native.levels)[0]).toBe(recorded.find(([name]) => name === "three-frames")![1].values[1]![0]);
    await expect(decodeDicom(fixture("rgb"), limits)).rejects.toThrow("frame 2: there is none, expected 1");
  });
});

describe("the DICOM files among the mixed bits", () => {
  const mixed = repositoryFolder("fixtures", "mixed-bits");
  const all: Record<
    string,
    { min: number; max: number; rescaleIntercept: number; pixels: [number, number, number][] }
  > = JSON.parse(readFileSync(`${mixed}/expected.json`, "utf8"));
  const names = Object.keys(all).filter((name) => /monochrome.*\.dcm$/.test(name));

  it.each(names)("reads the stored values of %s, rescaled", (name) => {
    const { min, max, rescaleIntercept, pixels } = all[name]!;
    const frame = openDicom(readFileSync(`${mixed}/${name}`)).readFrame(1, decodeLuma);
    const values = valuesOf(frame);
    for (const [x, y, value] of pixels) expect(values[y * frame.width + x]).toBe(value + rescaleIntercept);
    expect(Math.min(...values)).toBe(min + rescaleIntercept);
    expect(Math.max(...values)).toBe(max + rescaleIntercept);
    expect(frame.isInverted).toBe(name.includes("monochrome1"));
  });
});
