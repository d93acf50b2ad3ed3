/** Whose picture it is and what took it, as its file says: pictures that share it should not be on two sides of a split. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { InputError } from "@grayling/core";
import { readParts } from "../files/read-parts.js";
import type { DicomIds } from "./dicom.js";
import { readExif } from "./exif.js";
import type { ImageFormat } from "./image-format.js";

/** Identifiers are shortened hashes: whoever knows a patient's can find it again, no one reads it in a report. */
export interface PictureOrigin {
  readonly patient?: string;
  readonly study?: string;
  /** The model, and of its serial number a shortened hash. */
  readonly camera?: string;
  /** Seconds of the camera's clock. */
  readonly takenAt?: number;
}

/** Nothing where the file says nothing. Throws the error of the file system. */
export async function readOrigin(path: string, format: ImageFormat): Promise<PictureOrigin> {
  if (format === "dicom") {
    const { patient, study } = await readIds(path);
    return { ...(patient && { patient: shorten(patient) }), ...(study && { study: shorten(study) }) };
  }
  const { model, serial, takenAt } = readParts(path, (read) => readExif(read, format));
  const camera = [model, serial && shorten(serial)].filter((part) => part !== undefined).join(" ");
  return { ...(camera !== "" && { camera }), ...(takenAt !== undefined && { takenAt }) };
}

/** 40 bits: of 10,000 patients, two share one in 1 of 20,000 folders, and are then kept together. */
const shownDigits = 10;

const shorten = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, shownDigits);

const headBytes = 2 ** 16;

/** From the beginning where it reaches the pixels; a deflated file is read whole. */
async function readIds(path: string): Promise<DicomIds> {
  const { openDicom } = await import("./dicom.js");
  const idsOf = (bytes: Uint8Array) => openDicom(bytes, Number.POSITIVE_INFINITY).ids;
  try {
    return idsOf(readParts(path, (read) => read(0, headBytes)));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return idsOf(await readFile(path));
  }
}
