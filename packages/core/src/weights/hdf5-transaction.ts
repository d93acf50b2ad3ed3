/** Lends h5wasm a file for one read, and undoes all that a failed read leaves behind. */
import type { FileSystem } from "./hdf5-diagnostics.js";

/** What is used of h5wasm's module; its own types lack parts of Emscripten's file system. */
export interface Library {
  /** The whole memory of the WebAssembly; another array after it has grown. */
  readonly HEAPU8: Uint8Array;
  readonly FS: FileSystem;
}

/**
 * Gives `read` the path under which the bytes are a file of h5wasm's file system; removes it afterwards. If `read`
 * throws, the library's memory becomes what it was before: HDF5 2.0.0 (in h5wasm 0.10.3) overwrites its own heap over
 * some damaged files, and every later file would fail. `read` must not be asynchronous.
 */
export function withTransaction<T>(library: Library, bytes: Uint8Array, read: (path: string) => T): T {
  const { FS: files } = library;
  const path = freePath(files);
  const memory = library.HEAPU8.slice(0, usedLength(library.HEAPU8));
  // canOwn: the file system takes the bytes as they are instead of a copy. They are only read.
  files.writeFile(path, bytes, { canOwn: true });
  try {
    return read(path);
  } catch (error) {
    // What is beyond was zero, or not there yet. What still is must stay untouched: until then it takes no memory.
    library.HEAPU8.fill(0, memory.length, usedLength(library.HEAPU8));
    library.HEAPU8.set(memory);
    for (const stream of files.streams) if (stream?.path === path) files.close(stream);
    throw error;
  } finally {
    files.unlink(path);
  }
}

/**
 * Up to the last bytes that are not zero. A damaged file can claim a text of gigabytes, for which the memory grows before
 * HDF5 refuses it, and WebAssembly's memory never shrinks; the copies need not be as large for ever.
 */
function usedLength({ buffer }: Uint8Array): number {
  const words = new Int32Array(buffer);
  let end = words.length;
  // Eight at a time (the memory is pages of 64 kB): on a small file this is most of the work.
  const isZero = (at: number) =>
    (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0 &&
    (words[at + 4]! | words[at + 5]! | words[at + 6]! | words[at + 7]!) === 0;
  while (end > 0 && isZero(end - 8)) end -= 8;
  return end * words.BYTES_PER_ELEMENT;
}

/** The path of no file: another than those of a program that uses h5wasm itself. */
export function freePath(files: FileSystem): string {
  let n = 0;
  while (files.analyzePath(`/grayling-${n}.h5`).exists) n++;
  return `/grayling-${n}.h5`;
}
