/** One HTTP request of a download: appends to the part what the server sends from there on. */

import { open, rm, stat } from "node:fs/promises";
import { WeightsError } from "@grayling/core";
import { writing } from "../files/write-failure.js";

/** No weight file that we know is a quarter as large; a server that sends without end must not fill the disk. */
const maxBytes = 4 * 2 ** 30;

export interface DownloadProgress {
  readonly receivedBytes: number;
  /** Undefined as long as the server has not said. */
  readonly totalBytes: number | undefined;
}

export interface FileRequest {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  /** Bytes of the whole file, if known beforehand. */
  readonly size: number | undefined;
  /** Of the server's earlier answer: only the same version of the file may be continued. */
  readonly etag: string | undefined;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  /** The connection is given up when nothing has come for so long. */
  readonly stallMs: number;
}

/** What the server answered instead of the file. */
export class StatusError extends Error {
  override name = "StatusError";
  readonly status: number;

  constructor(status: number, text: string) {
    super(`HTTP status ${status} ${text}`.trimEnd());
    this.status = status;
  }
}

/**
 * Continues the part, or starts it over if the server does not continue it, until the body ends. Calls `onAnswer` with the
 * strong ETag, if there is one, before the first byte. Throws `StatusError`, `InputError` where the part cannot be written,
 * `WeightsError` where the file is larger than it should be, and the error of `fetch` or of the body where the connection
 * fails or stalls; what came before is kept.
 *
 * Source: RFC 9110, section 14 (Range, Content-Range) and 13.1.5 (If-Range takes strong validators only).
 */
export async function receive(
  part: string,
  request: FileRequest,
  onAnswer: (etag: string | undefined) => void,
): Promise<void> {
  const stall = new AbortController();
  const giveUp = () => stall.abort(new Error(`nothing came for ${request.stallMs / 1000} s`));
  const timer = setTimeout(giveUp, request.stallMs);
  const signal = request.signal ? AbortSignal.any([request.signal, stall.signal]) : stall.signal;
  try {
    await exchange(part, { ...request, signal, onPiece: () => void timer.refresh() }, onAnswer);
  } finally {
    clearTimeout(timer);
  }
}

interface Exchange extends FileRequest {
  readonly signal: AbortSignal;
  /** Called for every answer and every piece of a body, when it is written. */
  readonly onPiece: () => void;
}

async function exchange(part: string, request: Exchange, onAnswer: (etag: string | undefined) => void): Promise<void> {
  const { url, signal, etag: earlierEtag } = request;
  const had = await sizeOfFile(part);
  const headers = { "accept-encoding": "identity", ...rangeHeaders(had, earlierEtag) };
  const response = await request.fetch(url, { headers, signal });
  request.onPiece();
  const range = response.status === 206 ? contentRange(response) : undefined;
  if ((response.status !== 200 && range?.start !== had) || response.body === null) {
    await response.body?.cancel();
    // A part that the server cannot continue is of no use: the next try starts over.
    if (response.status === 206 || response.status === 416) await rm(part, { force: true });
    throw new StatusError(response.status, response.statusText);
  }
  const etag = response.headers.get("etag") ?? undefined;
  onAnswer(etag?.startsWith('"') ? etag : undefined);
  const received = range ? had : 0;
  const length = /^\d+$/.exec(response.headers.get("content-length") ?? "")?.[0];
  const totalBytes = request.size ?? range?.total ?? (length === undefined ? undefined : received + Number(length));
  await append(part, response.body, { ...request, received, totalBytes });
}

function rangeHeaders(had: number, etag: string | undefined): Record<string, string> {
  if (had === 0) return {};
  return { range: `bytes=${had}-`, ...(etag !== undefined && { "if-range": etag }) };
}

/** Reads `Content-Range: bytes 100-199/200`; the total may be `*`. */
function contentRange(response: Response): { start: number; total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (match === null) return undefined;
  return { start: Number(match[1]), total: match[2] === "*" ? undefined : Number(match[2]) };
}

interface Arriving extends Exchange {
  readonly received: number; // bytes that the part holds already and keeps
  readonly totalBytes: number | undefined;
}

async function append(part: string, body: ReadableStream<Uint8Array>, arriving: Arriving): Promise<void> {
  const { url, totalBytes, onProgress, onPiece } = arriving;
  let receivedBytes = arriving.received;
  if (totalBytes !== undefined && totalBytes > maxBytes) {
    await body.cancel();
    throw new WeightsError(`${url}: has ${totalBytes} bytes, more than any weight file, expected at most ${maxBytes}`);
  }
  const limit = totalBytes ?? maxBytes;
  const handle = await writing(part, open(part, receivedBytes > 0 ? "a" : "w"));
  try {
    onProgress?.({ receivedBytes, totalBytes });
    for await (const piece of body) {
      receivedBytes += piece.length;
      if (receivedBytes > limit) throw new WeightsError(`${url}: sends more than ${limit} bytes`);
      await writing(part, handle.appendFile(piece));
      onPiece();
      onProgress?.({ receivedBytes, totalBytes });
    }
    await writing(part, handle.sync());
  } finally {
    await handle.close();
  }
  if (totalBytes !== undefined && receivedBytes < totalBytes) {
    throw new Error(`the connection ended after ${receivedBytes} of ${totalBytes} bytes`);
  }
}

async function sizeOfFile(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
