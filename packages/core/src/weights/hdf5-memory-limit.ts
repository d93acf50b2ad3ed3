/**
 * Holds the memory of h5wasm's WebAssembly below a limit. A damaged file can claim a text of gigabytes, for which HDF5
 * 2.0.0 (in h5wasm 0.10.3) asks before it looks; WebAssembly's memory never shrinks, and every later read would copy it.
 */

// A global of the WebAssembly JavaScript Interface: browsers, workers and Node have it, ECMAScript's types do not.
interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}
declare const WebAssembly: { readonly Memory: { readonly prototype: Memory } };

const pageBytes = 65_536;

/**
 * Runs `read`, which must not be asynchronous, with no WebAssembly memory growing beyond `maximumBytes`; Emscripten then
 * answers HDF5 that there is no more. h5wasm does not tell its memory, so the limit is set where it is asked for.
 */
export function withMemoryLimit<T>(maximumBytes: number, read: () => T): T {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * pageBytes > maximumBytes)
      throw new RangeError("more memory than a sound file needs");
    return grow.call(this, pages);
  };
  try {
    return read();
  } finally {
    prototype.grow = grow;
  }
}
