/**
 * The bytes of a DICOM file's frames: one after the other, or, where they are compressed, in fragments.
 *
 * Source: DICOM PS3.5 §8 and annex A.4.
 */
import { InputError } from "@grayling/core";
import type { PixelData } from "./dicom-dataset.js";

/** All frames, `bytes` in all. Throws `InputError` unless the pixel data, and the file, hold as many. */
export function nativeFrames({ body, start, length }: PixelData, bytes: number): Uint8Array {
  if (length === undefined) throw new InputError("damaged DICOM: uncompressed pixel data in fragments");
  const got = Math.max(0, Math.min(length, body.length - start));
  if (got >= bytes) return body.subarray(start, start + bytes);
  throw new InputError(`truncated DICOM: the pixels need ${bytes} bytes, got ${got}`);
}

/** The fragments of `frame`, counted from 0, put together. Throws `InputError` where they are cut or fewer than frames. */
export function encapsulatedFrame(pixelData: PixelData, frame: number, frames: number): Uint8Array {
  if (pixelData.length !== undefined) throw new InputError("damaged DICOM: compressed pixel data without fragments");
  const { offsets, fragments } = readFragments(pixelData);
  if (fragments.length < frames) {
    throw new InputError(`truncated DICOM: ${frames} frames in ${fragments.length} fragments`);
  }
  if (frames === 1) return concat(fragments);
  if (fragments.length === frames) return fragments[frame]!.bytes;
  if (offsets.length !== frames) {
    throw new InputError(`DICOM with ${frames} frames in ${fragments.length} fragments and no table of their offsets`);
  }
  const [from, to = Number.POSITIVE_INFINITY] = [offsets[frame]!, offsets[frame + 1]];
  const own = fragments.filter(({ offset }) => offset >= from && offset < to);
  if (own.length === 0) throw new InputError(`damaged DICOM: frame ${frame + 1} has no fragments`);
  return concat(own);
}

interface Fragment {
  readonly offset: number; // from the first fragment's own header
  readonly bytes: Uint8Array;
}

const item = 0xe000fffe; // (FFFE,E000), read as one little-endian number
const delimiter = 0xe0ddfffe; // (FFFE,E0DD)

/** The basic offset table, often empty, and all fragments. Compressed files are little endian. */
function readFragments({ body, start }: PixelData): { offsets: number[]; fragments: Fragment[] } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const items: Fragment[] = [];
  let at = start;
  let base = 0;
  for (; at + 8 <= body.length; ) {
    const tag = view.getUint32(at, true);
    if (tag === delimiter) break;
    const length = view.getUint32(at + 4, true);
    if (tag !== item) throw new InputError("damaged DICOM: pixel data that are no fragments");
    const end = at + 8 + length;
    if (end > body.length) {
      throw new InputError(`truncated DICOM: a fragment claims ${length} bytes, ${body.length - at - 8} are left`);
    }
    items.push({ offset: at - base, bytes: body.subarray(at + 8, end) });
    if (items.length === 1) base = end;
    at = end;
  }
  const [table, ...fragments] = items;
  if (!table) throw new InputError("truncated DICOM: pixel data without fragments");
  const tableView = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  const offsets = Array.from({ length: table.bytes.length >> 2 }, (_, i) => tableView.getUint32(4 * i, true));
  return { offsets, fragments };
}

function concat(fragments: readonly Fragment[]): Uint8Array {
  const [only, ...more] = fragments;
  if (only && more.length === 0) return only.bytes;
  return Buffer.concat(fragments.map(({ bytes }) => bytes));
}
