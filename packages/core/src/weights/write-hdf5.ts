/** Writes HDF5 files through h5wasm, in memory, as h5py does for Keras; the same content gives the same bytes. */
import type { File, Group } from "h5wasm";
import type { Tensor } from "../graph/tensor.js";
import { withDiagnostics } from "./hdf5-diagnostics.js";
import { freePath, type Library } from "./hdf5-transaction.js";

/**
 * The bytes of an HDF5 file whose root `fill`, which must not be asynchronous, has filled.
 * Throws an `Error` that begins with `internal:` where HDF5 refuses, e.g. a name that is taken.
 */
export async function writeHdf5(fill: (root: Hdf5Writer) => void): Promise<Uint8Array<ArrayBuffer>> {
  const h5wasm = await import("h5wasm");
  // Its types describe an older Emscripten than the one that made it.
  const { FS: files } = (await h5wasm.ready) as unknown as Library;
  return withDiagnostics(files, (complaint) =>
    withStoppedClock(() => {
      const path = freePath(files);
      const file = new h5wasm.File(path, "w");
      try {
        fillAndClose(file, (group) => fill(new Hdf5Writer(group, complaint)));
        const reason = complaint();
        if (reason !== undefined) throw new Error(`internal: HDF5 cannot write the file: ${reason}`);
        return files.readFile(path);
      } finally {
        files.unlink(path);
      }
    }),
  );
}

function fillAndClose(file: File, fill: (root: Group) => void): void {
  try {
    fill(file);
  } finally {
    file.close();
  }
}

/** A group of a file that is being written. */
export class Hdf5Writer {
  readonly #group: Group;
  readonly #complaint: () => string | undefined;

  constructor(group: Group, complaint: () => string | undefined) {
    this.#group = group;
    this.#complaint = complaint;
  }

  /** A new group in this one. */
  group(name: string): Hdf5Writer {
    const group = this.#group.create_group(name);
    this.#requireWritten(name);
    return new Hdf5Writer(group, this.#complaint);
  }

  /** An attribute with one text. */
  text(name: string, text: string): void {
    this.#group.create_attribute(name, text, [], ascii);
    this.#requireWritten(name);
  }

  /** An attribute with a list of texts. An empty one is one of no float64, as NumPy makes it of an empty list. */
  texts(name: string, texts: readonly string[]): void {
    if (texts.length > 0) this.#group.create_attribute(name, [...texts], [texts.length], ascii);
    else this.#group.create_attribute(name, new Float64Array(0), [0]);
    this.#requireWritten(name);
  }

  /** A dataset of float32, in one piece, not compressed. */
  tensor(name: string, { shape, data }: Tensor): void {
    this.#group.create_dataset({ name, data, shape: [...shape] });
    this.#requireWritten(name);
  }

  /** A dataset of one int64. */
  integer(name: string, value: bigint): void {
    this.#group.create_dataset({ name, data: BigInt64Array.of(value), shape: [] });
    this.#requireWritten(name);
  }

  // h5wasm ignores what HDF5 returns.
  #requireWritten(name: string): void {
    const complaint = this.#complaint();
    if (complaint !== undefined)
      throw new Error(`internal: HDF5 cannot write ${this.#group.path}, ${name}: ${complaint}`);
  }
}

/** h5wasm's word for texts of variable length that end with a zero, ASCII: as h5py writes Python's `bytes`. */
const ascii = "A";

/**
 * HDF5 stores when each dataset was made (h5py turns that off, h5wasm cannot), in seconds, which it asks of `Date.now`.
 * Nothing else can see the stopped clock, because `write` is synchronous.
 */
function withStoppedClock<T>(write: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return write();
  } finally {
    Date.now = now;
  }
}
