/** Whether a file has 8 bits or fewer per sample, from its first bytes: such pictures need no window to be chosen. */
import { InputError } from "@grayling/core";
import { type ReadPart, readParts } from "../files/read-parts.js";
import { type ImageFormat, sniff, sniffedBytes } from "./image-format.js";
import { readTiffDirectories } from "./tiff-directories.js";

/**
 * False only for what has more, or other than unsigned samples; true for what cannot be read as well, which tells its
 * reason when it is decoded. Throws the error of the file system.
 */
export function hasEightBits(path: string, page = 1): boolean {
  return readParts(path, (read) => {
    const head = read(0, sniffedBytes);
    const found = sniff(head);
    return found.kind !== "image" || checks[found.format](head, read, page);
  });
}

type Check = (head: Uint8Array, read: ReadPart, page: number) => boolean;

const always: Check = () => true;

const checks: { readonly [F in ImageFormat]: Check } = {
  png: (head) => head[24] !== 16, // bit depth in IHDR, which is first. Source: PNG 3, §5.6 and §11.2
  jpeg: always,
  webp: always,
  gif: always,
  bmp: always,
  tiff: (_head, read, page) => {
    try {
      const directory = readTiffDirectories(read)[page - 1];
      return !directory || (directory.bits <= 8 && directory.sampleFormat === "uint");
    } catch (error) {
      if (error instanceof InputError) return true;
      throw error;
    }
  },
  dicom: () => false, // mostly more, and in units of its own
};
