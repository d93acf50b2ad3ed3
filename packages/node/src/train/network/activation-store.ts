/** Activations of a training: in memory where they fit, else on disk; kept for the next training where there is a cache. */
import { InputError } from "@grayling/core";
import { ActivationCache } from "../../features/activation-cache.js";
import type { RowsOptions } from "./network-rows.js";
import { openRowStore, type RowStore, rowBytes } from "./row-store.js";

/** A row store whose rows have names, under which the next training finds them. */
export interface ActivationStore extends Pick<RowStore, "read" | "close"> {
  /** Whether `take` will find it. */
  has(name: string): boolean;
  /** Takes a row that is known. */
  take(row: number, name: string): Promise<void>;
  write(row: number, name: string, values: Float32Array): Promise<void>;
  /** All rows are there. */
  filled(): Promise<void>;
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Throws `InputError` where the disk is full and rows do not fit in memory. */
export async function openActivations(size: Size, options: RowsOptions): Promise<ActivationStore> {
  const { kept, budget, folder } = options;
  const cache = kept && (await openCache(size, kept, options));
  if (cache && rowBytes(size) > budget) return inCache(size, cache);
  const store = await openRowStore({ ...size, budget, folder });
  return cache ? besideCache(store, cache, options) : alone(store);
}

const notKept = "activations are not kept for the next training";

async function openCache(
  { columns }: Size,
  { cache, key, type }: NonNullable<RowsOptions["kept"]>,
  { onWarning }: RowsOptions,
): Promise<ActivationCache | undefined> {
  try {
    return await ActivationCache.open(cache, key, { columns, type });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    onWarning?.(`${error.message}; ${notKept}`);
    return undefined;
  }
}

const alone = (store: RowStore): ActivationStore => ({
  has: () => false,
  take: () => Promise.reject(new Error("internal: no row is known")),
  write: (row, _, values) => store.write(row, values),
  filled: async () => {},
  read: (rows) => store.read(rows),
  close: () => store.close(),
});

/** Rows are in memory; a cache that cannot be written is told once, and no more. */
function besideCache(store: RowStore, cache: ActivationCache, { onWarning }: RowsOptions): ActivationStore {
  let isFailed = false;
  const attempt = async (write: () => Promise<void>) => {
    if (isFailed) return;
    try {
      await write();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      isFailed = true;
      onWarning?.(`${error.message}; ${notKept}`);
    }
  };
  return {
    ...alone(store),
    has: (name) => cache.has(name),
    take: async (row, name) => store.write(row, await cache.read([name])),
    async write(row, name, values) {
      await store.write(row, cache.rounded(values));
      await attempt(() => cache.add(name, values));
    },
    filled: () => attempt(() => cache.save()),
  };
}

/** Rows are read where they are kept. */
function inCache({ rows }: Size, cache: ActivationCache): ActivationStore {
  const names = new Array<string>(rows);
  return {
    has: (name) => cache.has(name),
    async take(row, name) {
      names[row] = name;
    },
    async write(row, name, values) {
      await cache.add(name, values);
      names[row] = name;
    },
    filled: () => cache.save(),
    read: (wanted) => cache.read(wanted.map((row) => names[row]!)),
    close: async () => {},
  };
}
