import { readFileSync } from "node:fs";
import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { findTransferSyntax } from "./dicom-transfer-syntax.js";
import { openLevels } from "./open-levels.js";

const root = "1.2.840.10008.1.2";

/** All of pydicom 3.0's dictionary that hold images, by what their name there begins with; the last three are newer. */
const compressed: readonly (readonly [name: RegExp, suffixes: readonly string[]])[] = [
  [/^Encapsulated Uncompressed/, ["1.98"]],
  [/^JPEG of a retired process/, [52, 53, 54, 55, 56, 58, 59, 60, 61, 62, 63, 64, 65, 66].map((last) => `4.${last}`)],
  [/^JPEG Lossless/, ["4.57", "4.70"]],
  [/^JPEG-LS/, ["4.80", "4.81"]],
  [/^JPEG 2000/, ["4.90", "4.91", "4.92", "4.93"]],
  [/^JPIP/, ["4.94", "4.95", "4.204", "4.205"]],
  [/^MPEG2/, ["4.100", "4.101"]],
  [/^Fragmentable MPEG2/, ["4.100.1", "4.101.1"]],
  [/^MPEG-4 AVC/, ["4.102", "4.103", "4.104", "4.105", "4.106"]],
  [/^Fragmentable MPEG-4 AVC/, ["4.102.1", "4.103.1", "4.104.1", "4.105.1", "4.106.1"]],
  [/^HEVC/, ["4.107", "4.108"]],
  [/^High-Throughput JPEG 2000/, ["4.201", "4.202", "4.203"]],
  [/^JPEG XL/, ["4.110", "4.111", "4.112"]],
];
const cases = compressed.flatMap(([name, suffixes]) => suffixes.map((suffix) => [`${root}.${suffix}`, name] as const));

function failure(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return new Error("no error");
}

/** A readable file that says it were compressed so. */
function claiming(uid: string): Uint8Array {
  const bytes = readFileSync(repositoryFolder("fixtures", "dicom", "rgb.dcm"));
  const tag = Buffer.from([2, 0, 0x10, 0, 0x55, 0x49]); // (0002,0010) UI
  const at = bytes.indexOf(tag);
  const value = Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`);
  const length = Buffer.from([value.length, 0]);
  const end = at + 8 + bytes.readUInt16LE(at + 6);
  bytes.writeUInt32LE(bytes.readUInt32LE(140) + at + 8 + value.length - end, 140); // the length of group 2
  return Buffer.concat([bytes.subarray(0, at), tag, length, value, bytes.subarray(end)]);
}

describe("a transfer syntax", () => {
  it.each(cases)("%s that is not decoded is reported by name, with what to do", async (uid, name) => {
    const error = failure(() => findTransferSyntax(uid));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(name);
    expect(error.message).toContain(
      ` (${uid}) is not decoded: convert the DICOM file first, for instance with gdcmconv --raw in.dcm out.dcm`,
    );
    await expect(openLevels(claiming(uid))).rejects.toEqual(error); // as a file that says so
  });

  it.each(["", ".1", ".1.99", ".2", ".5", ".4.50", ".4.51"])("%s is decoded", (suffix) => {
    expect(findTransferSyntax(`${root}${suffix}`).coding).toBeDefined();
  });

  it("that no list knows is shown by its number", () => {
    expect(failure(() => findTransferSyntax("1.2.3.4")).message).toMatch(
      /^transfer syntax \(1\.2\.3\.4\) is not decoded/,
    );
  });
});
