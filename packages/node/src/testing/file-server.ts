/** A small HTTP server on this machine, for tests of downloads: it misbehaves as told. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FileServer {
  readonly url: string;
  /** The `Range` header of every request so far, "" for none. */
  readonly ranges: readonly string[];
  close(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Starts a server that gives every request to `answer`, with the number of requests before it. */
export async function startFileServer(answer: Answer): Promise<FileServer> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? "");
    answer(request, response, ranges.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A TCP server's address is never a string.
  return {
    url: `http://127.0.0.1:${port}/`,
    ranges,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export interface SendOptions {
  readonly etag?: string;
  readonly acceptsRanges?: boolean;
  /** The connection is cut after so many bytes of the body. */
  readonly cutAfter?: number;
  /** What Content-Length says, if not the truth. */
  readonly claimedLength?: number;
  /** Sends no Content-Length, as a server does that makes the file as it goes. */
  readonly chunked?: boolean;
}

/** Answers with the content, or with the rest of it from where `Range` begins, as RFC 9110 has it. */
export function send(
  content: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  { etag, acceptsRanges = true, cutAfter, claimedLength, chunked = false }: SendOptions = {},
): void {
  const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const condition = request.headers["if-range"];
  const start = acceptsRanges && (condition === undefined || condition === etag) ? asked : 0;
  if (start >= content.length && start > 0) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...(etag !== undefined && { etag }),
    ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
    ...(!chunked && { "content-length": claimedLength ?? body.length }),
  });
  if (cutAfter === undefined && claimedLength === undefined) response.end(body);
  else response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
}
