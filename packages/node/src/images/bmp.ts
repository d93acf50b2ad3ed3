/**
 * Reads BMP, the one format of the six that libvips does not: uncompressed, 1, 4, 8, 24 and 32 bits per pixel.
 *
 * Rows are read from the file's bytes as they are asked for, so a header's claims never make us allocate.
 * Source: Microsoft, BITMAPFILEHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER (wingdi.h).
 */
import { InputError, type Levels, luma, sampleRanges } from "@grayling/core";

/** The levels of a BMP, upright, and the bits per sample. Throws `InputError` for one that is damaged or compressed. */
export function readBmp(bytes: Uint8Array): { levels: Levels; bitDepth: number } {
  const header = readHeader(bytes);
  const { height, width, bits, pixelsAt, stride, isTopDown } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readPixel = bits <= 8 ? indexedReader(view, header) : colourReader(view, bits);
  return {
    bitDepth: Math.min(bits, 8),
    levels: {
      height,
      width,
      samples: "uint8",
      range: sampleRanges.uint8,
      readValues: (first, values) => {
        for (let y = first, at = 0; at < values.length; y++) {
          const start = pixelsAt + (isTopDown ? y : height - 1 - y) * stride;
          for (let x = 0; x < width; x++) values[at++] = readPixel(start, x);
        }
      },
    },
  };
}

interface BmpHeader {
  readonly height: number;
  readonly width: number;
  readonly bits: number; // per pixel
  readonly isTopDown: boolean;
  readonly pixelsAt: number;
  readonly stride: number; // bytes per row, a multiple of 4
  readonly paletteAt: number;
  readonly colours: number; // in the palette
}

const fileHeaderBytes = 14;
const infoHeaderBytes: readonly number[] = [40, 52, 56, 108, 124]; // BITMAPINFOHEADER, with masks, V4, V5
const uncompressed = 0;
const bitFields = 3;
/** Blue, green, red in bytes of their own: what 32 bits mean without masks as well. */
const plainMasks: readonly number[] = [0x00ff0000, 0x0000ff00, 0x000000ff];

function readHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fileHeaderBytes + infoHeaderBytes[0]!) throw new InputError("truncated BMP: the header is cut");
  const infoBytes = view.getUint32(14, true);
  if (!infoHeaderBytes.includes(infoBytes)) {
    throw new InputError(`BMP with a header of ${infoBytes} bytes, expected one of ${infoHeaderBytes.join(", ")}`);
  }
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true); // negative: rows from top to bottom
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  if (width < 1 || height < 1) throw new InputError(`damaged BMP: ${width} × ${signedHeight} pixels`);
  if (![1, 4, 8, 24, 32].includes(bits)) {
    throw new InputError(`BMP with ${bits} bits per pixel, expected 1, 4, 8, 24 or 32`);
  }
  checkCompression(view, bits);

  const paletteAt = fileHeaderBytes + infoBytes;
  const colours = bits <= 8 ? view.getUint32(46, true) || 2 ** bits : 0;
  if (colours > 256 || paletteAt + 4 * colours > bytes.length) {
    throw new InputError(`truncated or damaged BMP: a palette of ${colours} colours in ${bytes.length} bytes`);
  }
  const pixelsAt = view.getUint32(10, true);
  const stride = 4 * Math.ceil((width * bits) / 32);
  if (pixelsAt + stride * height > bytes.length) {
    const expected = pixelsAt + stride * height;
    throw new InputError(`truncated BMP: ${width} × ${height} pixels need ${expected} bytes, got ${bytes.length}`);
  }
  return { height, width, bits, isTopDown: signedHeight < 0, pixelsAt, stride, paletteAt, colours };
}

function checkCompression(view: DataView, bits: number): void {
  const compression = view.getUint32(30, true);
  if (compression === uncompressed) return;
  // The masks stand right behind the 40 bytes: as part of a longer header, or on their own.
  const hasPlainMasks =
    view.byteLength >= 66 && plainMasks.every((mask, i) => view.getUint32(54 + 4 * i, true) === mask);
  if (compression === bitFields && bits === 32 && hasPlainMasks) return;
  const name = compression === 1 || compression === 2 ? "run-length compression" : `compression ${compression}`;
  throw new InputError(`BMP with ${name}: only uncompressed BMP is read; save it uncompressed or as PNG`);
}

type ReadPixel = (rowAt: number, x: number) => number;

function indexedReader(view: DataView, { bits, paletteAt, colours }: BmpHeader): ReadPixel {
  const levels = new Float32Array(2 ** bits); // an index beyond the palette is black, as in other readers
  for (let i = 0; i < Math.min(colours, levels.length); i++) levels[i] = levelAt(view, paletteAt + 4 * i);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return (rowAt, x) => {
    const byte = view.getUint8(rowAt + Math.floor(x / perByte));
    return levels[(byte >> (8 - bits * ((x % perByte) + 1))) & mask]!;
  };
}

function colourReader(view: DataView, bits: number): ReadPixel {
  return (rowAt, x) => levelAt(view, rowAt + (x * bits) / 8);
}

function levelAt(view: DataView, at: number): number {
  return luma(view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at));
}
