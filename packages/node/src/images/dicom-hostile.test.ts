import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { openDicom } from "./dicom.js";
import { maxInflatedBytes } from "./dicom-dataset.js";
import { maxHeaderBytes } from "./dicom-elements.js";
import { maxFrames } from "./dicom-pixel-format.js";
import { loadTurboJpeg } from "./turbo-jpeg.js";

const decodeLuma = await loadTurboJpeg();

function fixture(name: string): Buffer {
  return readFileSync(`${repositoryFolder("fixtures", "dicom")}/${name}.dcm`);
}

function tagBytes(tag: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  return bytes;
}

/** An element of explicit VR little endian. */
function element(tag: number, vr: string, value: Buffer, claim = value.length): Buffer {
  const isLong = ["OB", "OW", "SQ", "UN", "OV"].includes(vr);
  const length = Buffer.alloc(isLong ? 6 : 2);
  if (isLong) length.writeUInt32LE(claim, 2);
  else length.writeUInt16LE(claim, 0);
  return Buffer.concat([tagBytes(tag), Buffer.from(vr), length, value]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt16LE(value, 2 * i);
  });
  return bytes;
}

function positionOf(bytes: Buffer, tag: number, vr: string): number {
  const at = bytes.indexOf(Buffer.concat([tagBytes(tag), Buffer.from(vr)]));
  expect(at).toBeGreaterThan(0);
  return at;
}

/** The fixture up to the first byte of an element's value. */
function cutAt(name: string, tag: number): Buffer {
  const bytes = fixture(name);
  return bytes.subarray(0, bytes.indexOf(tagBytes(tag)) + 9);
}

/** The fixture with another value in an element of 16 bits. */
function withWord(name: string, tag: number, value: number): Buffer {
  const bytes = fixture(name);
  bytes.writeUInt16LE(value, positionOf(bytes, tag, "US") + 8);
  return bytes;
}

/** The fixture without an element, or with another, or others, in its place. */
function withInstead(name: string, tag: number, vr: string, instead: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = fixture(name);
  const at = positionOf(bytes, tag, vr);
  const end =
    vr.startsWith("O") || vr === "SQ" ? at + 12 + bytes.readUInt32LE(at + 8) : at + 8 + bytes.readUInt16LE(at + 6);
  return Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(end)]);
}

/** The file's own header, which says how the rest is written, and then `rest`. */
function afterMeta(rest: Buffer, name = "rgb"): Buffer {
  const bytes = fixture(name);
  const group2 = 132 + 12 + bytes.readUInt32LE(140);
  return Buffer.concat([bytes.subarray(0, group2), rest]);
}

const rows = 0x00280010;
const columns = 0x00280011;
const numberOfFrames = 0x00280008;
const pixelData = 0x7fe00010;
const item = (length: number) => Buffer.concat([tagBytes(0xfffee000), Buffer.from(Uint32Array.of(length).buffer)]);
const sequence = (length: number) => element(0x00081140, "SQ", Buffer.alloc(0), length);
const endless = 0xffffffff;
const nested = (times: number) => Buffer.alloc(times * 20, Buffer.concat([sequence(endless), item(endless)]));

/** A compressed fixture with other fragments in its pixel data. */
const withFragments = (name: string, ...fragments: Buffer[]) => {
  const bytes = fixture(name);
  return Buffer.concat([bytes.subarray(0, positionOf(bytes, pixelData, "OB") + 12), ...fragments]);
};
const jpegWith = (...fragments: Buffer[]) => withFragments("jpeg-baseline", ...fragments);
const rleFrame = (frame: Buffer) => withFragments("rle-8bit", item(0), item(frame.length), frame);
const rleHeader = (...values: number[]) =>
  Buffer.from(Uint32Array.from({ length: 16 }, (_, i) => values[i] ?? 0).buffer);
const cut = (bytes: Buffer, by: number) => bytes.subarray(0, bytes.length - by);

const table: readonly [what: string, make: () => Buffer, reason: RegExp][] = [
  ["an empty file", () => Buffer.alloc(0), /^not DICOM: no DICM at byte 128$/],
  ["nothing behind the mark", () => fixture("rgb").subarray(0, 132), /^truncated or damaged DICOM: its header/],
  ["nothing behind the file's own header", () => afterMeta(Buffer.alloc(0)), /^truncated or damaged DICOM: its header/],
  [
    "no transfer syntax",
    () => withInstead("rgb", 0x00020010, "UI"),
    /^damaged DICOM: no transfer syntax \(0002,0010\)$/,
  ],
  [
    "an unknown transfer syntax",
    () => withInstead("rgb", 0x00020010, "UI", element(0x00020010, "UI", Buffer.from("1.2.3.4\0"))),
    /^transfer syntax \(1\.2\.3\.4\) is not decoded: convert the DICOM file first/,
  ],
  ["no pixel data", () => withInstead("rgb", pixelData, "OB"), /^DICOM without pixel data .*no image \(modality OT\)$/],
  ["float pixels", () => withInstead("rgb", pixelData, "OB", element(0x7fe00008, "OB", words(0))), /Float Pixel Data/],
  ["a DICOMDIR", () => afterMeta(element(0x00041220, "SQ", Buffer.alloc(0))), /^DICOMDIR: an index of other files/],
  ["a header cut in its middle", () => cutAt("rgb", 0x00280004), /^truncated DICOM: \(0028,0004\) is cut$/],
  ["a length beyond the file", () => afterMeta(element(0x00081030, "LO", words(0), 65535)), /\(0008,1030\) is cut$/],
  ["4 GB in one element", () => afterMeta(element(0x00091030, "UN", words(0), 0xfffffffe)), /\(0009,1030\) is cut$/],
  [
    "an item beyond its sequence",
    () => afterMeta(Buffer.concat([sequence(8), item(1e9)])),
    /its header cannot be read$/,
  ],
  [
    "a sequence of other things",
    () => afterMeta(Buffer.concat([sequence(endless), words(1, 2, 3, 4)])),
    /header cannot/,
  ],
  ["an endless sequence", () => afterMeta(Buffer.concat([sequence(endless), item(endless)])), /without pixel data/],
  ["100,000 sequences in each other", () => afterMeta(nested(100_000)), /its header cannot be read$/],
  ["a header without end", () => afterMeta(nested(maxHeaderBytes / 20)), /or has more than 16,777,216 bytes$/],
  [
    "a large element before the pixels",
    () => afterMeta(element(0x00091030, "OB", Buffer.alloc(maxHeaderBytes))),
    /^DICOM without pixel data \(7FE0,0010\) in its first 16,777,216 bytes$/,
  ],
  ["no rows", () => withWord("rgb", rows, 0), /^damaged DICOM: 7 × 0 pixels$/],
  ["rows that are missing", () => withInstead("rgb", rows, "US"), /^damaged DICOM: Rows \(0028,0010\) is missing$/],
  ["rows of one byte", () => withInstead("rgb", rows, "US", element(rows, "US", Buffer.of(5))), /Rows .* is missing$/],
  ["columns that are missing", () => withInstead("rgb", columns, "US"), /Columns \(0028,0011\) is missing$/],
  ["no photometric interpretation", () => withInstead("rgb", 0x00280004, "CS"), /Photometric.* is missing$/],
  [
    "another photometric interpretation",
    () => withInstead("rgb", 0x00280004, "CS", element(0x00280004, "CS", Buffer.from("CMYK"))),
    /^DICOM picture of kind CMYK, expected one of MONOCHROME1, MONOCHROME2, /,
  ],
  ["gray of three samples", () => withWord("three-frames", 0x00280002, 3), /3 samples per pixel .* MONOCHROME2$/],
  ["bits that are missing", () => withInstead("rgb", 0x00280100, "US"), /BitsAllocated \(0028,0100\) is missing$/],
  ["32 bits", () => withWord("rgb", 0x00280100, 32), /^DICOM with 32 bits allocated per sample, expected 8 or 16$/],
  ["more bits stored than there are", () => withWord("rgb", 0x00280101, 9), /^damaged DICOM: 9 bits below bit 8 of 8$/],
  ["no bits stored", () => withWord("rgb", 0x00280101, 0), /^damaged DICOM: 0 bits/],
  ["a high bit above all", () => withWord("rgb", 0x00280102, 8), /^damaged DICOM: 8 bits below bit 9 of 8$/],
  ["65,535 × 65,535 pixels", () => withBomb(), /^claims 65,535 × 65,535 pixels, limit 178,956,970 in all/],
  [
    "more rows than there are bytes",
    () => withWord("rgb", rows, 6),
    /^truncated DICOM: the pixels need 126 bytes, got 106$/,
  ],
  ["pixels that are cut", () => cut(fixture("rgb"), 2), /^truncated DICOM: the pixels need 105 bytes, got 104$/],
  ["no byte of the pixels", () => cut(fixture("rgb"), 106), /^truncated DICOM: the pixels need 105 bytes, got 0$/],
  [
    "pixels of a shorter length than the file has",
    () => withInstead("rgb", pixelData, "OB", element(pixelData, "OB", Buffer.alloc(106), 50)),
    /^truncated DICOM: the pixels need 105 bytes, got 50$/,
  ],
  ["10⁹ frames", () => withFrames("1000000000"), /^claims 1,000,000,000 frames, limit 100,000$/],
  ["100,000 frames in a file of three", () => withFrames(`${maxFrames}`), /need 7000000 bytes, got 210$/],
  ["no frames", () => withFrames("0 "), /^damaged DICOM: 0 frames$/],
  ["half a frame", () => withFrames("1.5 "), /^damaged DICOM: 1\.5 frames$/],
  ["frames in words", () => withFrames("many"), /^damaged DICOM: \(0028,0008\) "many", expected a number$/],
  ["a slope in words", () => withSlope("steep "), /^damaged DICOM: \(0028,1053\) "steep", expected a number$/],
  ["a slope of zero", () => withSlope("0 "), /^damaged DICOM: a rescale slope of 0 makes all pixels one$/],
  ["a slope of 10³⁰⁰", () => withSlope("1e300 "), /^damaged DICOM: rescale slope 1e\+300/],
  [
    "uncompressed pixels in fragments",
    () => withInstead("rgb", pixelData, "OB", element(pixelData, "OB", item(0), endless)),
    /uncompressed pixel data in fragments$/,
  ],
  ["compressed pixels without fragments", () => withoutFragments(), /compressed pixel data without fragments$/],
  ["no fragments at all", () => jpegWith(), /^truncated DICOM: pixel data without fragments$/],
  ["a table of offsets only", () => jpegWith(item(0)), /^truncated DICOM: 1 frames in 0 fragments$/],
  ["a fragment beyond the file", () => jpegWith(item(0), item(1e9)), /a fragment claims 1000000000 bytes, 0 are left$/],
  ["fragments that are none", () => jpegWith(words(1, 2, 3, 4)), /^damaged DICOM: pixel data that are no fragments$/],
  ["a JPEG that is none", () => jpegWith(item(0), item(4), words(1, 2)), /a frame is not JPEG Baseline$/],
  ["a JPEG of another size", () => withWord("jpeg-baseline", rows, 6), /a JPEG of 7 × 5 pixels in a picture of 7 × 6$/],
  ["a JPEG that is cut", () => withCutJpeg(), /^truncated or damaged DICOM: its JPEG Baseline cannot be decoded$/],
  [
    "a JPEG of 7 bits",
    () => withWord("jpeg-baseline", 0x00280101, 7),
    /^JPEG Baseline of 7 bits, MONOCHROME2 is not decoded, only 8 bits, gray or colour: convert the DICOM file first/,
  ],
  ["signed colour", () => withWord("rgb", 0x00280103, 1), /^damaged DICOM: signed samples in a picture of kind RGB$/],
  [
    "an empty transfer syntax",
    () => withInstead("rgb", 0x00020010, "UI", element(0x00020010, "UI", Buffer.from("  "))),
    /^damaged DICOM: no transfer syntax \(0002,0010\)$/,
  ],
  [
    "fewer fragments than frames",
    () => withFrames("4 ", "rle-16bit-three-frames"),
    /^truncated DICOM: 4 frames in 3 fragments$/,
  ],
  ["an RLE frame without header", () => rleFrame(Buffer.alloc(10)), /the header of an RLE frame is cut$/],
  ["RLE of other samples", () => rleFrame(rleHeader(2, 64, 70)), /^damaged DICOM: 2 RLE segments, expected 1$/],
  ["10⁹ RLE segments", () => rleFrame(rleHeader(1e9)), /^damaged DICOM: 1000000000 RLE segments, expected 1$/],
  ["an RLE segment beyond its frame", () => rleFrame(rleHeader(1, 1e6)), /an RLE segment from 1000000 to 64/],
  ["an RLE segment in the header", () => rleFrame(rleHeader(1, 0)), /an RLE segment from 0 to 64/],
  [
    "RLE that ends too early",
    () => rleFrame(Buffer.concat([rleHeader(1, 64), Buffer.of(2, 1, 2, 3)])),
    /RLE data for 35 bytes of pixels, got 3$/,
  ],
  ["an RLE bomb", () => withRleBomb(), /^truncated DICOM: RLE data for \d+ bytes of pixels, got 64$/],
  ["a palette without tables", () => withInstead("palette-8bit", 0x00281201, "OW"), /a lookup table is missing/],
  [
    "a palette that is cut",
    () => withInstead("palette-8bit", 0x00281201, "OW", element(0x00281201, "OW", words(0))),
    /a lookup table of 80 entries in 2 bytes$/,
  ],
  [
    "a segmented palette",
    () => withInstead("palette-8bit", 0x00281201, "OW", element(0x00281221, "OW", words(0))),
    /segmented palette is not read$/,
  ],
  [
    "a deflated part that is cut",
    () => cut(fixture("deflated-12bit"), 40),
    /^truncated or damaged DICOM: cannot be inflated$/,
  ],
  [
    "a deflated bomb",
    () => afterMeta(deflateRawSync(Buffer.alloc(maxInflatedBytes + 1)), "deflated-12bit"),
    /more than 536,870,912 bytes, which is the limit$/,
  ],
];

function withBomb(): Buffer {
  const bytes = withWord("rgb", rows, 65535);
  bytes.writeUInt16LE(65535, positionOf(bytes, columns, "US") + 8);
  return bytes;
}

function withRleBomb(): Buffer {
  const bytes = rleFrame(rleHeader(1, 64));
  for (const tag of [rows, columns]) {
    bytes.writeUInt16LE(13_000, positionOf(bytes, tag, "US") + 8);
  }
  return bytes;
}

function withFrames(frames: string, name = "three-frames"): Buffer {
  return withInstead(name, numberOfFrames, "IS", element(numberOfFrames, "IS", Buffer.from(frames)));
}

function withSlope(slope: string): Buffer {
  return withInstead("three-frames", 0x00281053, "DS", element(0x00281053, "DS", Buffer.from(slope)));
}

function withoutFragments(): Buffer {
  const bytes = fixture("jpeg-baseline");
  const at = positionOf(bytes, pixelData, "OB");
  return Buffer.concat([bytes.subarray(0, at), element(pixelData, "OB", Buffer.alloc(70))]);
}

function withCutJpeg(): Buffer {
  const bytes = fixture("jpeg-baseline");
  const jpeg = bytes.subarray(bytes.indexOf(Buffer.of(0xff, 0xd8, 0xff)));
  const part = jpeg.subarray(0, jpeg.indexOf(Buffer.of(0xff, 0xda)) + 16);
  return jpegWith(item(0), item(part.length), part);
}

describe("a hostile DICOM file", () => {
  it.each(table)("is refused with one line that says why: %s", (_what, make, reason) => {
    const bytes = make();
    const read = () => openDicom(bytes).readFrame(1, decodeLuma);
    expect(read).toThrow(reason);
    expect(read).toThrow(InputError);
    expect(read).not.toThrow(/\n/);
  });

  it("is read all the same where only its window is damaged, and says so", () => {
    const width = (text: string) =>
      withInstead("window-of-width-1", 0x00281051, "DS", element(0x00281051, "DS", Buffer.from(text)));
    for (const text of ["0.5 ", "-1", "wide", "1e999 "]) {
      const frame = openDicom(width(text)).readFrame(1, decodeLuma);
      expect(frame.fileWindow).toBeUndefined();
      expect(frame.notes).toEqual([`its window is not used: centre 2000, width ${text.trim()}, function LINEAR`]);
    }
  });

  it("keeps the controls of a terminal out of identifiers", () => {
    const id = element(0x00100020, "LO", Buffer.from("A\u001b[31mB\u0007\n"));
    expect(openDicom(withInstead("rgb", 0x00100020, "LO", id)).ids.patient).toBe("A[31mB");
  });
});
