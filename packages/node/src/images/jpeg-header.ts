/** What a JPEG says of itself before its picture. Source: ITU-T T.81, annex B; Exif 2.32, §4.5 and §4.6. */

export interface JpegHeader {
  readonly width: number; // px
  readonly height: number; // px
  readonly bitDepth: number; // per sample
  readonly components: number; // 1: gray, 3: colour, 4: inks
  /** Of Exif, 1–8; 1, upright, where nothing says otherwise. */
  readonly orientation: number;
}

const startOfScan = 0xda;
const exifSegment = 0xe1;
const exifName = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif"

/** Reads the markers up to the first scan; undefined where they are not as in baseline and progressive JPEG. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Omit<JpegHeader, "orientation"> | undefined;
  let orientation = 1;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === startOfScan) return frame && { ...frame, orientation };
    const segment = bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2));
    if (marker >= 0xc0 && marker <= 0xc2) frame = readFrame(segment);
    if (marker === exifSegment && exifName.every((byte, i) => segment[i] === byte)) {
      const found = readOrientation(segment.subarray(exifName.length));
      if (found === undefined) return undefined;
      orientation = found;
    }
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function readFrame(segment: Uint8Array): Omit<JpegHeader, "orientation"> | undefined {
  if (segment.length < 6) return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  return {
    bitDepth: view.getUint8(0),
    height: view.getUint16(1),
    width: view.getUint16(3),
    components: view.getUint8(5),
  };
}

/** The tag Orientation of the first directory, 1 if it is not there; undefined where the directory is none. */
function readOrientation(tiff: Uint8Array): number | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return undefined;
  const isLittle = view.getUint16(0) === 0x4949; // "II"
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, isLittle);
  if (directory + 2 + 12 * entries > tiff.length) return undefined;
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle);
  }
  return 1;
}
