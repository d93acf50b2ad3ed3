/** Pictures with nothing to see, and pictures that are nearly black because of unused bits. */
import { counted } from "../../terminal/counted.js";
import type { Check } from "../finding.js";
import { type ReadablePicture, readable } from "../inspected-file.js";

/** A thumbnail whose darkest and lightest differ by less than this part of the range shows nothing. */
const leastContrast = 2 / 255;

export const blank: Check = {
  name: "blank",
  find: (inspection) => {
    const empty = readable(inspection).filter(isBlank);
    if (empty.length === 0) return [];
    return [
      {
        severity: "warning",
        title: `${counted(empty.length, "picture")} of one gray level, or nearly`,
        why: "There is nothing to learn from them but their brightness. A shutter, a lost export or an empty page.",
        todo: "Exclude them, unless an empty picture is what the class means.",
        groups: empty.map((file) => [
          {
            file,
            detail: `${file.picture.min} … ${file.picture.max}, ${file.picture.width} × ${file.picture.height} px`,
            suggestion: "exclude: nothing to see",
          },
        ]),
      },
    ];
  },
};

function isBlank({ picture: { thumbnail, range } }: ReadablePicture): boolean {
  return (
    thumbnail.white - thumbnail.black <= leastContrast * (range.high - range.low) || thumbnail.white === thumbnail.black
  );
}

/** What 12 bits hold: the usual range of cameras and X-ray detectors in files of 16 bits. */
const twelveBits = 2 ** 12;

export const unusedBits: Check = {
  name: "unused-bits",
  find: (inspection) => {
    const sixteen = readable(inspection).filter(({ picture }) => picture.range.high === 2 ** 16 - 1); // DICOM states its 12
    const dim = sixteen.filter(({ picture }) => picture.max < twelveBits);
    if (dim.length === 0) return [];
    const isAll = dim.length === sixteen.length;
    return [
      {
        severity: "warning",
        title: `${counted(dim.length, "16-bit picture")} of ${sixteen.length} with values below ${twelveBits} only`,
        why: "These are 12-bit data. Over the whole range of 16 bits they are nearly black to the network.",
        todo: isAll
          ? "Choose a window: --window p0.1-p99.9, or 0:4095."
          : "Others use all 16 bits, so no one window fits all: export them alike, or choose --window image.",
        groups: isAll ? [] : dim.map((file) => [{ file, detail: `values ${file.picture.min} … ${file.picture.max}` }]),
      },
    ];
  },
};
