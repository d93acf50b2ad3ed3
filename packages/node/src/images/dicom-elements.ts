/**
 * The data elements of a DICOM file, found by `dicom-parser`, up to the pixels.
 *
 * It reads one element at a time for us, with the items of its sequences. Not the whole file: it takes the elements of 64
 * bits that DICOM got in 2019 for shorter ones and loses its way (the offsets of compressed frames are such, and stand
 * right before the pixels), and it reads an inflated file from the wrong place (1.8.21; the test of `jpeg-extended-offsets`
 * sees the first).
 * Sources: DICOM PS3.10 §7 (file), PS3.5 §7 (data elements).
 */
import { InputError } from "@grayling/core";
import dicomParser, { type ByteStream, type Element } from "dicom-parser";
import type { TransferSyntax } from "./dicom-transfer-syntax.js";

/** A sequence has `items`, each with a `dataSet`. Offset and length are the file's claims. */
export type DicomElement = Element;
/** By tag, `xGGGGEEEE`. */
export type Elements = Record<string, DicomElement | undefined>;

export const pixelDataTag = "x7fe00010";

/** What may stand before the pixels: a byte there costs up to forty of memory. Real headers are far below. */
export const maxHeaderBytes = 2 ** 24;

interface FoundElements {
  readonly elements: Elements;
  readonly end: number; // where the next element would begin
}

const preambleBytes = 128;

/** The elements of group 2, which say how the rest is written. Throws `InputError` if the file is no DICOM. */
export function readFileMeta(bytes: Uint8Array): FoundElements {
  const mark = String.fromCharCode(...bytes.subarray(preambleBytes, preambleBytes + 4));
  if (mark !== "DICM") throw new InputError("not DICOM: no DICM at byte 128");
  return readElements(bytes, preambleBytes + 4, {}, (tag) => tag.startsWith("x0002"));
}

/**
 * Reads elements as long as `goesOn` says so, up to the pixel data, whose content is not looked at. Throws `InputError`
 * for an element that reaches beyond the file, and for damage.
 */
export function readElements(
  bytes: Uint8Array,
  start: number,
  { isImplicit, isBigEndian }: Pick<TransferSyntax, "isImplicit" | "isBigEndian">,
  goesOn: (tag: string) => boolean = () => true,
): FoundElements {
  const head = bytes.subarray(0, maxHeaderBytes);
  const elements: Elements = {};
  try {
    const { bigEndianByteArrayParser, littleEndianByteArrayParser } = dicomParser;
    const stream = new dicomParser.ByteStream(
      isBigEndian ? bigEndianByteArrayParser : littleEndianByteArrayParser,
      head,
      start,
    );
    while (stream.position + 8 <= head.length && goesOn(peekTag(stream))) {
      const element = isImplicit
        ? dicomParser.readDicomElementImplicit(stream, pixelDataTag)
        : (readLongElement(stream) ?? dicomParser.readDicomElementExplicit(stream, [], pixelDataTag));
      elements[element.tag] = element;
      if (element.tag === pixelDataTag) break;
      if (stream.position > bytes.length) throw new InputError(`truncated DICOM: ${showTag(element.tag)} is cut`);
    }
    return { elements, end: stream.position };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    // It throws texts as well as errors, that of a stack which overflows for sequences nested without end among them.
    const limit =
      bytes.length > maxHeaderBytes ? `, or has more than ${maxHeaderBytes.toLocaleString("en")} bytes` : "";
    throw new InputError(`truncated or damaged DICOM: its header cannot be read${limit}`, { cause });
  }
}

function peekTag(stream: ByteStream): string {
  const tag = dicomParser.readTag(stream);
  stream.seek(-4);
  return tag;
}

/** Value representations with a length of 32 bits that `dicom-parser` gives one of 16. Source: PS3.5 table 7.1-1. */
const longRepresentations: readonly string[] = ["OV", "SV", "UV"];

function readLongElement(stream: ByteStream): Element | undefined {
  const { byteArray, position } = stream;
  const vr = String.fromCharCode(byteArray[position + 4]!, byteArray[position + 5]!);
  if (!longRepresentations.includes(vr)) return undefined;
  const tag = dicomParser.readTag(stream);
  stream.seek(4);
  const length = stream.readUint32();
  const dataOffset = stream.position;
  stream.seek(length);
  return { tag, vr, length, dataOffset };
}

/** `(0028,1050)` of `x00281050`. */
export function showTag(tag: string): string {
  return `(${tag.slice(1, 5)},${tag.slice(5)})`.toUpperCase();
}
