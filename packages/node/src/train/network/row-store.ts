/** Rows of numbers that are read again and again in random order: in memory, or on disk where they are too many. */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { isRunning } from "../../files/is-running.js";
import { writing } from "../../files/write-failure.js";

/** Close it, whatever comes. */
export interface RowStore {
  /** Rows are written once, in any order. */
  write(row: number, values: Float32Array): Promise<void>;
  /** The rows asked for, one behind the other, in a new array. */
  read(rows: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** How large a store is, and where it lies. */
export interface RowStoreOptions {
  readonly rows: number;
  readonly columns: number;
  /** Bytes up to which rows stay in memory. */
  readonly budget: number;
  /** Where the file lies otherwise; it is removed by `close`. */
  readonly folder: string;
}

/** Bytes that rows take. */
export const rowBytes = ({ rows, columns }: Pick<RowStoreOptions, "rows" | "columns">): number => 4 * rows * columns;

/** Throws `InputError` where the disk is full or the folder cannot be written. */
export async function openRowStore(options: RowStoreOptions): Promise<RowStore> {
  return rowBytes(options) <= options.budget ? inMemory(options) : onDisk(options);
}

function inMemory({ rows, columns }: RowStoreOptions): RowStore {
  const all = new Float32Array(rows * columns);
  return {
    write: async (row, values) => all.set(values, row * columns),
    async read(wanted) {
      const taken = new Float32Array(wanted.length * columns);
      for (const [i, row] of wanted.entries()) taken.set(all.subarray(row * columns, (row + 1) * columns), i * columns);
      return taken;
    },
    close: async () => {},
  };
}

async function onDisk(options: RowStoreOptions): Promise<RowStore> {
  const { columns, folder } = options;
  const rows = join(folder, "rows");
  await writing(rows, mkdir(rows, { recursive: true }));
  await removeAbandoned(rows);
  const path = join(rows, `${process.pid}-${randomUUID()}.f32`);
  const file = await writing(path, open(path, "wx+"));
  const at = (row: number) => row * columns * 4;
  return {
    write: async (row, values) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      await writeRow(file, bytes, at(row)).catch((cause) => refuse(cause, path, options));
    },
    async read(wanted) {
      const taken = new Float32Array(wanted.length * columns);
      await Promise.all(
        wanted.map((row, i) => readRow(file, path, taken.subarray(i * columns, (i + 1) * columns), at(row))),
      );
      return taken;
    },
    async close() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/** Removes the files of processes that were killed. One that is still read elsewhere (a container's) only loses its name. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^(\d+)-.+\.f32$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function refuse(cause: NodeJS.ErrnoException, path: string, options: RowStoreOptions): never {
  if (cause.code !== "ENOSPC") throw cause;
  const needed = (rowBytes(options) / 2 ** 30).toFixed(1);
  throw new InputError(
    `${path}: the disk is full, ${needed} GB are needed; choose another --cache, or train fewer layers`,
    { cause },
  );
}

/** A disk that fills up takes a part first, and tells so at the next attempt only. */
async function writeRow(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function readRow(file: FileHandle, path: string, into: Float32Array, position: number): Promise<void> {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0)
      throw new InputError(`${path}: ended early; it was changed while it was read, run the command again`);
    done += bytesRead;
  }
}
