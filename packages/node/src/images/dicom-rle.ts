/**
 * Decodes DICOM's RLE Lossless: up to 15 segments of PackBits, each one byte of one sample of all pixels, the most
 * significant byte first.
 *
 * Source: DICOM PS3.5 annex G.
 */
import { InputError } from "@grayling/core";

const headerBytes = 64;
const maxSegments = 15;
/** Two bytes stand for 128 at most, so a short segment cannot claim many pixels. */
const maxExpansion = 64;

/**
 * The segments of one frame, `pixels` bytes each, one after the other. Throws `InputError` if there are not exactly
 * `segments`, or one of them is cut.
 */
export function decodeRle(frame: Uint8Array, segments: number, pixels: number): Uint8Array {
  if (frame.length < headerBytes) throw new InputError("truncated DICOM: the header of an RLE frame is cut");
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const found = view.getUint32(0, true);
  if (found !== segments || found > maxSegments) {
    throw new InputError(`damaged DICOM: ${found} RLE segments, expected ${segments}`);
  }
  const starts = Array.from({ length: segments }, (_, i) => view.getUint32(4 * (i + 1), true));
  if (pixels * segments > frame.length * maxExpansion) throw tooShort(frame.length, pixels * segments);
  const planes = new Uint8Array(segments * pixels);
  starts.forEach((start, i) => {
    const end = starts[i + 1] ?? frame.length;
    if (start < headerBytes || end < start || end > frame.length) {
      throw new InputError(`damaged DICOM: an RLE segment from ${start} to ${end} in a frame of ${frame.length} bytes`);
    }
    unpackBits(frame.subarray(start, end), planes.subarray(i * pixels, (i + 1) * pixels));
  });
  return planes;
}

/** Fills `plane`; what is packed beyond it is ignored. Source: PS3.5 G.3.2. */
function unpackBits(packed: Uint8Array, plane: Uint8Array): void {
  let to = 0;
  for (let at = 0; to < plane.length && at < packed.length; ) {
    const count = packed[at++]!;
    if (count < 128) {
      const literal = packed.subarray(at, at + Math.min(count + 1, plane.length - to));
      plane.set(literal, to);
      to += literal.length;
      at += count + 1;
    } else if (count > 128 && at < packed.length) {
      const end = Math.min(to + 257 - count, plane.length);
      plane.fill(packed[at++]!, to, end);
      to = end;
    }
  }
  if (to < plane.length) throw tooShort(to, plane.length);
}

function tooShort(got: number, expected: number): InputError {
  return new InputError(`truncated DICOM: RLE data for ${expected} bytes of pixels, got ${got}`);
}
