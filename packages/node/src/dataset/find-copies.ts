/** Finds images whose files have the same content. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { mapInOrder } from "./map-in-order.js";

const options = { concurrency: 8, ahead: 256 };

/**
 * For every path the index of the first with the same content: its own, if there is none before it. Only files of
 * equal size are read. What cannot be read, or is empty, is like nothing else; decoding will tell why.
 */
export async function findCopies(paths: readonly string[], signal?: AbortSignal): Promise<number[]> {
  const sizes: number[] = [];
  for await (const size of mapInOrder(paths, sizeOf, options)) sizes.push(size);
  const count = new Map<number, number>();
  for (const size of sizes) count.set(size, (count.get(size) ?? 0) + 1);
  const firstOf = paths.map((_, index) => index);
  const known = new Map<string, number>(); // index by content
  const candidates = firstOf.filter((index) => sizes[index]! > 0 && count.get(sizes[index]!)! > 1);
  const hash = (index: number) => hashOf(paths[index]!, signal);
  let i = 0;
  for await (const content of mapInOrder(candidates, hash, options)) {
    const index = candidates[i++]!;
    if (content === undefined) continue;
    const first = known.get(content);
    if (first === undefined) known.set(content, index);
    else firstOf[index] = first;
  }
  return firstOf;
}

/** Bytes; 0 if there is no such file. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function hashOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash, { ...(signal && { signal }) });
    return hash.digest("hex");
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
