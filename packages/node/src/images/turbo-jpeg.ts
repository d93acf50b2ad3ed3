/**
 * libjpeg-turbo, as WebAssembly, for gray JPEG: what almost every file in a folder of gray images is.
 *
 * Beside sharp, since that takes 0.4 ms per picture before it decodes, as much as a small network. It decodes luma only,
 * to the levels that sharp gives. As WebAssembly a damaged file can harm nothing but the instance that read it, which
 * is then thrown away. Rejected: the native @julusian/jpeg-turbo, twice as fast, but with libjpeg's inexact
 * transform (levels off by up to 2, on average by −0.48) and ninety packages of a build tool below it.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** Luma [height · width] of a JPEG of that size; undefined if libjpeg-turbo complains about anything. */
export type DecodeLuma = (bytes: Uint8Array, height: number, width: number) => Uint8Array | undefined;

/** What is used of libjpeg-turbo's TurboJPEG API 2.0 (turbojpeg.h). Numbers are addresses, 0 is none. */
interface TurboJpeg {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(address: number): void;
  tjInitDecompress(): number;
  /** Returns 0, or −1 for an error and for a warning. */
  tjDecompress2(
    handle: number,
    jpeg: number,
    bytes: number,
    pixels: number,
    width: number,
    pitch: number,
    height: number,
    format: number,
    flags: number,
  ): number;
}

/** What is used of WebAssembly: the types of Node 20 leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: unknown };
};
type Imports = Readonly<Record<string, Readonly<Record<string, () => number>>>>;

const grayPixels = 6; // TJPF_GRAY
const exactTransform = 4096; // TJFLAG_ACCURATEDCT

/** An instance that has grown beyond is not kept: WebAssembly gives no memory back. */
const maxKeptBytes = 2 ** 26;

export async function loadTurboJpeg(): Promise<DecodeLuma> {
  const path = createRequire(import.meta.url).resolve("@cwasm/jpeg-turbo/jpeg-turbo.wasm");
  const wasm = await readFile(path);
  let module: object | undefined; // compiled for the first JPEG
  let instance: { readonly turbo: TurboJpeg; readonly handle: number } | undefined;
  return (bytes, height, width) => {
    module ??= new WebAssembly.Module(wasm);
    instance ??= instantiate(module);
    const luma = decode(instance.turbo, instance.handle, bytes, height, width);
    if (!luma || instance.turbo.memory.buffer.byteLength > maxKeptBytes) instance = undefined;
    return luma;
  };
}

function instantiate(module: object) {
  const fail = () => {
    throw new Error("libjpeg-turbo gave up");
  };
  const env = { setjmp: () => 0, longjmp: fail }; // its way out of an error: no return, so an exception does
  const system = { environ_sizes_get: () => 0, environ_get: fail, proc_exit: fail };
  const files = { fd_close: fail, fd_seek: fail, fd_write: fail };
  const imports = { env, wasi_snapshot_preview1: { ...system, ...files } };
  const turbo = new WebAssembly.Instance(module, imports).exports as unknown as TurboJpeg;
  return { turbo, handle: turbo.tjInitDecompress() };
}

function decode(turbo: TurboJpeg, handle: number, bytes: Uint8Array, height: number, width: number) {
  try {
    const jpeg = turbo.malloc(bytes.length);
    const pixels = turbo.malloc(height * width);
    if (handle === 0 || jpeg === 0 || pixels === 0) return undefined;
    new Uint8Array(turbo.memory.buffer, jpeg, bytes.length).set(bytes);
    const flags = exactTransform;
    if (turbo.tjDecompress2(handle, jpeg, bytes.length, pixels, width, 0, height, grayPixels, flags) !== 0)
      return undefined;
    const luma = new Uint8Array(turbo.memory.buffer, pixels, height * width).slice();
    turbo.free(jpeg);
    turbo.free(pixels);
    return luma;
  } catch {
    return undefined; // an error of libjpeg-turbo, or a trap of WebAssembly
  }
}
