/** What one look at a file tells: plain values, small enough to keep for ten thousand files. */
import { isFloat, type SampleType, type SplitSide, type ValueRange } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import type { PictureOrigin } from "../images/picture-origin.js";

/** A file, or a page of one, before it is read: where it lies, and what its place says. Its path is absolute. */
export interface ListedFile extends PagedImage {
  readonly relative: string; // to the root, with "/"; of a page "class/file.tif#3"
  /** Index into the classes; null for a file beside the class folders. */
  readonly label: number | null;
  /** From ready-made `train/`, `val/`, `test/` folders. */
  readonly split: SplitSide | null;
}

/** `P` is what is known of a picture: all, or by a quick look at headers how it is stored. */
export interface InspectedFile<P extends Stored = Picture> extends ListedFile {
  readonly bytes: number; // of the file; 0 where it cannot be read
  /** SHA-256 of the bytes, hexadecimal, and the page where there are several; null where it cannot be read. */
  readonly hash: string | null;
  /** What the first bytes say, whatever the name: `png`, `DICOM`, `text`; null where it cannot be read. */
  readonly content: string | null;
  /** Null for a file that does not decode; `reason` then says why, in one line. */
  readonly picture: P | null;
  readonly reason: string | null;
  /** What the file says of patient, camera and time; absent: nothing. */
  readonly origin?: PictureOrigin | undefined;
}

/** A file that decodes. */
export interface ReadablePicture<P extends Stored = Picture> extends InspectedFile<P> {
  readonly picture: P;
}

/** How a picture is stored: what its header tells. */
export interface Stored {
  readonly format: string; // "png"
  readonly bitDepth: number; // per sample, of the file
  /** "integer" where the header alone was read, for all types of whole numbers. */
  readonly samples: SampleType | "integer";
  readonly height: number; // px, upright
  readonly width: number; // px, upright
}

/** Values are in the file's own units: 0–65,535 in 16 bits, degrees in a thermal image of floats. */
export interface Picture extends Stored {
  readonly samples: SampleType;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** What the file can hold; of floats, which could hold anything, what this one holds. */
  readonly range: ValueRange;
  /** [64], parts of all pixels, in bins that divide `range`. */
  readonly histogram: Float32Array;
  /** 64-bit perceptual hash, 16 hexadecimal digits; see `createPerceptualHash`. */
  readonly hash: string;
  readonly thumbnail: Thumbnail;
  /** What of the file's wishes for display is not followed, in one line each; absent: nothing. */
  readonly notes?: readonly string[] | undefined;
}

/** Side of a thumbnail, px: whatever the picture's shape, it is stretched. */
export const thumbnailSide = 48;

/** Each with all 256 steps over its own range, so that a nearly black picture keeps its detail. */
export interface Thumbnail {
  /** [48 · 48] */
  readonly values: Uint8Array;
  /** What the values 0 and 255 are in the file's units. */
  readonly black: number;
  readonly white: number;
}

/** The mean, as a gray level 0–255 of what the file can hold; of floats in their own units. */
export function brightness({ samples, mean, range }: Picture): number {
  if (isFloat(samples)) return mean;
  return (255 * (mean - range.low)) / (range.high - range.low);
}

export interface Inspection<P extends Stored = Picture> {
  readonly root: string; // absolute
  readonly classes: readonly string[]; // in byte order
  /** In the order of their paths' bytes. */
  readonly files: readonly InspectedFile<P>[];
  /** Files that are no pictures and do not claim to be. */
  readonly ignored: number;
}

/** Whether a file decodes. */
export const isReadable = <P extends Stored>(file: InspectedFile<P>): file is ReadablePicture<P> =>
  file.picture !== null;

/** The files that decode. */
export const readable = <P extends Stored>({ files }: Inspection<P>): ReadablePicture<P>[] =>
  files.filter((file) => isReadable(file));
