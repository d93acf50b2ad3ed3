/**
 * Checks the parts of an HDF5 file that hold texts of variable length ("global heap collections"), because HDF5 2.0.0
 * (in h5wasm 0.10.3) walks a damaged one for ever: an object of length 0 never ends. The test
 * "ends at once when a collection of texts goes round in a circle" tells when this file can go.
 * Source: HDF5 File Format Specification 3.0, section III.E, with lengths of 8 bytes, as h5py and Keras write them.
 */

/** `GCOL`, version 1, three zeros. */
const signature = [0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0];
const headerBytes = 16;
const objectHeaderBytes = 16;

/** The position of the first damaged collection, undefined if there is none. */
export function findDamagedHeap(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(signature[0]!); at !== -1; at = bytes.indexOf(signature[0]!, at + 1)) {
    // Every 256th byte of a kernel is a G, few are followed by a C.
    if (bytes[at + 1] === signature[1] && signature.every((byte, i) => bytes[at + i] === byte) && !isSound(view, at))
      return at;
  }
  return undefined;
}

/** Whether the objects of the collection at `start` follow each other up to its end. */
function isSound(view: DataView, start: number): boolean {
  if (start + headerBytes > view.byteLength) return false;
  const end = start + Number(view.getBigUint64(start + 8, true));
  if (end > view.byteLength) return false;
  let at = start + headerBytes;
  // What is too short for an object is free space.
  while (at + objectHeaderBytes <= end) {
    const isFreeSpace = view.getUint16(at, true) === 0;
    const length = Number(view.getBigUint64(at + 8, true));
    // The length of free space includes its header, that of an object does not, and is filled up to a multiple of 8.
    const step = isFreeSpace ? length : objectHeaderBytes + Math.ceil(length / 8) * 8;
    if (step < objectHeaderBytes) return false;
    at += step;
  }
  return at <= end;
}
