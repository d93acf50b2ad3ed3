/** Downloads that end with the right file or with none, and that go on where an earlier one stopped. */

import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, WeightsError } from "@grayling/core";
import { moveIntoPlace } from "../files/move-into-place.js";
import { writing } from "../files/write-failure.js";
import { md5OfFile } from "./md5-of-file.js";
import { claimPart, releasePart, removeAbandonedParts } from "./part-file.js";
import { type DownloadProgress, receive, StatusError } from "./receive.js";

export interface DownloadOptions {
  readonly url: string;
  /** 32 hexadecimal digits, lower case, as the publisher states it. */
  readonly md5: string;
  /** Bytes of the whole file, if known beforehand; more are refused, fewer are asked for again. */
  readonly size?: number | undefined;
  /** Path of the file. Its folder is made if need be. */
  readonly to: string;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Stops the download; what has come is kept, and a later one goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** What else the user can do when the server cannot be reached, to end the message with. */
  readonly otherwise?: string | undefined;
  /** Pauses before the second, third, … try after a network error. Default: half a second, one, two and four. */
  readonly pausesMs?: readonly number[] | undefined;
  /** A try has failed when nothing has come for so long. Default: half a minute. */
  readonly stallMs?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Downloads a file whose md5 is known; one that stands at the path is replaced at the end, at once. Any number of
 * processes may download the same file at the same time. Throws `WeightsError` if the md5 or the size is wrong, `InputError` if the
 * server cannot be reached or does not have the file, or if it cannot be written, and the signal's reason when stopped.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { to } = options;
  await writing(to, mkdir(dirname(to), { recursive: true }));
  const part = await writing(to, claimPart(to));
  try {
    await fill(part, options);
    await writing(to, moveIntoPlace(part, to));
  } catch (error) {
    await releasePart(part, to);
    throw error;
  }
  await removeAbandonedParts(to);
}

/** Makes the part whole and right. One that an earlier download left may be of another file: then once more from nothing. */
async function fill(part: string, options: DownloadOptions): Promise<void> {
  const { url, md5, to } = options;
  let got = await md5OfFile(part);
  let isContinued = got !== undefined;
  while (got !== md5) {
    await receiveWithRetries(part, options);
    got = await md5OfFile(part);
    if (got === md5) return;
    await writing(part, rm(part, { force: true }));
    if (!isContinued) {
      const sums = `expected md5 ${md5}, got ${got ?? "no file"}`;
      throw new WeightsError(`${to}: the download from ${url} is damaged, ${sums}: it was deleted, try again later`);
    }
    isContinued = false;
  }
}

async function receiveWithRetries(part: string, options: DownloadOptions): Promise<void> {
  const { url, size, onProgress, signal, fetch = globalThis.fetch } = options;
  const { pausesMs = [500, 1000, 2000, 4000], stallMs = 30_000 } = options;
  let etag: string | undefined;
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await receive(part, { url, size, etag, onProgress, signal, fetch, stallMs }, (answered) => {
        etag = answered;
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof InputError || error instanceof WeightsError) throw error;
      if (pauseMs === undefined || isFinal(error)) throw unreachable(options, error);
      await sleep(pauseMs, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Asking again helps when the network failed, the server is busy, or the part was of another version. */
function isFinal(error: unknown): boolean {
  if (error instanceof StatusError) return error.status < 500 && ![206, 408, 416, 429].includes(error.status);
  return isRefusedByFetch(error);
}

/**
 * A redirect loop, a redirect to `file:`, a port that is not for HTTP: `fetch` itself says no, with a `TypeError` whose cause
 * has no code; the causes of the system and of the connection have one.
 */
function isRefusedByFetch(error: unknown): boolean {
  if (!(error instanceof TypeError)) return false;
  const { cause } = error;
  // Without a network a name is not found; asking again for it would be silence for seconds.
  return !(cause instanceof Error && "code" in cause && !["ERR_INVALID_URL", "ENOTFOUND"].includes(String(cause.code)));
}

function unreachable({ url, to, otherwise }: DownloadOptions, cause: unknown): InputError {
  const byHand = `put the file at ${to} by hand`;
  return new InputError(
    `${url}: cannot be downloaded (${reason(cause)}): ${byHand}${otherwise === undefined ? "" : `, or ${otherwise}`}`,
    { cause },
  );
}

/** `fetch` says only "fetch failed" or "terminated"; what happened is in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reason(error.cause);
  const code = "code" in error ? String(error.code) : "";
  return error.message || code || error.name;
}
