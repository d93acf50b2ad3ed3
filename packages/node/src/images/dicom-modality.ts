/**
 * From stored values to the units of the modality (Hounsfield units in CT). Source: DICOM PS3.3 C.11.1.
 */
import { InputError, type ValueRange } from "@grayling/core";
import type { Attributes } from "./dicom-dataset.js";
import { lookUp, readLookupTable } from "./dicom-lookup-table.js";
import type { PixelFormat } from "./dicom-pixel-format.js";

export interface Modality {
  /** What can be stored, in the modality's units. */
  readonly range: ValueRange;
  /** Rewrites stored values in place; NaN stays. */
  apply(values: Float32Array): void;
}

/** Throws `InputError` for a slope of zero, which would make all pixels one, and for a damaged table. */
export function readModality(attributes: Attributes, { bitsStored, isSigned }: PixelFormat): Modality {
  const lut = attributes.item("x00283000");
  if (lut) {
    const table = readLookupTable(lut, "x00283002", "x00283006", isSigned);
    return {
      range: { low: 0, high: 2 ** table.bits - 1 },
      apply: (values) => {
        for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) values[i] = lookUp(table, values[i]!);
      },
    };
  }
  const slope = attributes.number("x00281053") ?? 1;
  const intercept = attributes.number("x00281052") ?? 0;
  if (slope === 0) throw new InputError("damaged DICOM: a rescale slope of 0 makes all pixels one");
  const stored = isSigned ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
  const [low, high] = stored.map((value) => value * slope + intercept).sort((a, b) => a - b);
  if (!Number.isFinite(Math.fround(high! - low!))) {
    throw new InputError(`damaged DICOM: rescale slope ${slope}, intercept ${intercept}`);
  }
  return {
    range: { low: low!, high: high! },
    apply: (values) => {
      if (slope === 1 && intercept === 0) return;
      for (let i = 0; i < values.length; i++) values[i] = values[i]! * slope + intercept;
    },
  };
}
