/** Makes a TIFF say something else of one page, so that libvips reads its samples as we want them read. */
import type { TiffDirectory, TiffTagName } from "./tiff-directories.js";

/**
 * A copy of the file in which all values of these tags are others; a tag that the page does not have stays away.
 * Undefined where a value does not fit in the bytes that the file has for it.
 */
export function patchTiff(
  bytes: Uint8Array,
  { tags, isLittleEndian }: TiffDirectory,
  values: Partial<Readonly<Record<TiffTagName, number>>>,
): Uint8Array | undefined {
  const patched = new Uint8Array(bytes); // a Buffer's own slice would share its memory, and its pool
  const view = new DataView(patched.buffer);
  for (const [name, value] of Object.entries(values)) {
    const tag = tags.get(name as TiffTagName); // the keys of a record
    if (!tag) continue;
    if (value >= 256 ** tag.bytes) return undefined;
    for (const at of tag.places) {
      if (tag.bytes === 1) view.setUint8(at, value);
      else if (tag.bytes === 2) view.setUint16(at, value, isLittleEndian);
      else view.setUint32(at, value, isLittleEndian);
    }
  }
  return patched;
}
