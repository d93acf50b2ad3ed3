/**
 * Reads samples that libvips does not know, packed ones of 9 to 15 bits and float64, by way of their bytes.
 *
 * The file is made to say that it holds bytes, as many in a row as its samples need: libvips then undoes strips, tiles
 * and compression, and the bits are read here (libvips 8.18 refuses both; the tests of `uint12-packed` and `float64` tell
 * when this can go).
 * Source: TIFF 6.0, §3 and §8 (samples are packed from the highest bit on, in either byte order; a row begins with a byte).
 */
import { InputError, type Pixels, type Samples } from "@grayling/core";
import { checkPixels } from "./check-pixels.js";
import { patchTiff } from "./patch-tiff.js";
import type { TiffDirectory, TiffTagName } from "./tiff-directories.js";

export interface ByteTiff {
  /** The file, saying that this page holds bytes. */
  readonly bytes: Uint8Array;
  /** Makes the samples of the bytes. */
  readonly reread: (pixels: Pixels) => Pixels;
}

/** Whether samples are such as are read this way. */
export const isReadAsBytes = ({ bits, sampleFormat }: TiffDirectory): boolean =>
  (sampleFormat === "uint" && bits > 8 && bits < 16) || (sampleFormat === "float" && bits === 64);

/**
 * Throws `InputError` for a picture of more than `maxPixels`, and by name for what is not read: several samples per pixel,
 * a predictor, compressions other than LZW, deflate and PackBits, turned pictures, samples that are not packed.
 */
export function asBytes(bytes: Uint8Array, directory: TiffDirectory, maxPixels: number): ByteTiff {
  const first = firstValues(directory);
  const [width, height] = [first("imageWidth", 0), first("imageLength", 0)];
  checkPixels(width, height, maxPixels);
  const reason = whyNot(directory);
  if (reason !== undefined) throw new InputError(`TIFF with ${kindOf(directory)} samples, ${reason}: ${otherwise}`);
  const rowBytes = bytesFor(width, directory);
  const tileWidth = first("tileWidth", 0);
  const patched = patchTiff(bytes, directory, {
    imageWidth: rowBytes,
    ...(tileWidth > 0 && { tileWidth: bytesFor(tileWidth, directory) }),
    bitsPerSample: 8,
    sampleFormat: 1, // unsigned
    photometric: 1, // else libvips turns the bytes of WhiteIsZero round
  });
  if (!patched) throw new InputError(`damaged TIFF: ${width} pixels of ${kindOf(directory)} samples in a row`);
  const read = directory.sampleFormat === "float" ? readDoubles : unpackBits;
  return {
    bytes: patched,
    reread: ({ data, ...pixels }) => ({
      ...pixels,
      width,
      data: read(data, { ...directory, height, width, rowBytes }),
    }),
  };
}

const otherwise = "not supported; save it with 16 bits or as float32";

const kindOf = ({ bits, sampleFormat }: TiffDirectory): string =>
  sampleFormat === "float" ? "float64" : `packed ${bits}-bit`;

const firstValues =
  ({ tags }: TiffDirectory) =>
  (tag: TiffTagName, usual: number): number =>
    tags.get(tag)?.values[0] ?? usual;

const bytesFor = (samples: number, { bits }: TiffDirectory): number => Math.ceil((samples * bits) / 8);

/** None, LZW, deflate under its two numbers, PackBits: what libtiff undoes without looking at samples. */
const compressions: readonly number[] = [1, 5, 8, 32946, 32773];

function whyNot(directory: TiffDirectory): string | undefined {
  const first = firstValues(directory);
  if (directory.samplesPerPixel !== 1) return `${directory.samplesPerPixel} per pixel`;
  if (!compressions.includes(first("compression", 1))) return `compression ${first("compression", 1)}`;
  if (first("predictor", 1) !== 1) return `predictor ${first("predictor", 1)}`;
  if (first("fillOrder", 1) !== 1) return `fill order ${first("fillOrder", 1)}`;
  if (first("orientation", 1) !== 1) return `orientation ${first("orientation", 1)}`;
  return whyNotPacked(directory);
}

/** Some cameras say 12 bits and store 16: such files would come out as noise. Told by the length of the first strip. */
function whyNotPacked(directory: TiffDirectory): string | undefined {
  const first = firstValues(directory);
  const stored = first("stripByteCounts", 0);
  if (directory.tags.has("tileWidth") || first("compression", 1) !== 1 || stored === 0) return undefined;
  const rows = Math.min(first("rowsPerStrip", 2 ** 32), first("imageLength", 0));
  const expected = rows * bytesFor(first("imageWidth", 0), directory);
  return stored === expected ? undefined : `${expected} bytes expected in a strip, got ${stored}`;
}

interface Stored extends Pick<TiffDirectory, "bits" | "isLittleEndian"> {
  readonly height: number;
  readonly width: number;
  readonly rowBytes: number;
}

/** Samples one behind the other, from the highest bit on; what is left of a row's last byte is passed over. */
function unpackBits(bytes: Samples, { bits, height, width, rowBytes }: Stored): Uint16Array {
  const samples = new Uint16Array(height * width);
  const mask = (1 << bits) - 1;
  for (let y = 0; y < height; y++) {
    let [held, bitsHeld, at] = [0, 0, y * rowBytes];
    for (let x = 0; x < width; x++) {
      for (; bitsHeld < bits; bitsHeld += 8) held = ((held << 8) | bytes[at++]!) & 0x7fffff; // 14 bits and 8
      bitsHeld -= bits;
      samples[y * width + x] = (held >> bitsHeld) & mask;
    }
  }
  return samples;
}

function readDoubles(bytes: Samples, { isLittleEndian, height, width }: Stored): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: height * width }, (_, i) => view.getFloat64(8 * i, isLittleEndian));
}
