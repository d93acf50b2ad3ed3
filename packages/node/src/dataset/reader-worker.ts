/** A thread that reads and decodes files. Its imports are few, since a thread loads them anew. */
import { parentPort, workerData } from "node:worker_threads";
import { createFileReader } from "./file-reader.js";
import type { ReaderReply, ReaderRequest } from "./reader-thread.js";

const port = parentPort;
if (!port) throw new Error("internal: reader-worker runs as a worker thread only");

const maxPixels: number | undefined = workerData;
const reader = createFileReader(maxPixels);

port.on("message", async ({ paths, wanted }: ReaderRequest) => {
  const { read, decode } = await reader;
  if (paths) return port.postMessage({ files: await read(paths) } satisfies ReaderReply);
  const pictures = await decode(wanted);
  const buffers = pictures.map((picture) => (picture instanceof Uint8Array ? picture : picture.pixels.data).buffer);
  port.postMessage({ pictures } satisfies ReaderReply, buffers as ArrayBuffer[]); // nothing here is shared memory
});
