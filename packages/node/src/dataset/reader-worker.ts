/** A thread that reads and decodes files. Its imports are few, since a thread loads them anew. */
import { parentPort, workerData } from "node:worker_threads";
import { createFileReader } from "./file-reader.js";
import type { MadePlane } from "./make-planes.js";
import type { ReaderReply, ReaderRequest, ThreadOptions } from "./reader-thread.js";

const port = parentPort;
if (!port) throw new Error("internal: reader-worker runs as a worker thread only");

const { sharpIsReady, ...options }: ThreadOptions = workerData;
const mayUseSharp = () => sharpIsReady !== undefined && Atomics.load(sharpIsReady, 0) === 1;
const reader = createFileReader({ ...options, mayUseSharp });

/** Answers, and gives away the memory of these arrays; nothing here is shared memory. */
const answer = (reply: ReaderReply, arrays: readonly { readonly buffer: ArrayBufferLike }[] = []) =>
  port.postMessage(
    reply,
    arrays.map(({ buffer }) => buffer as ArrayBuffer),
  );

port.on("message", async (request: ReaderRequest) => {
  const { read, decode, makePlanes } = await reader;
  if (request.kind === "read") return answer({ files: await read(request.paths) });
  if (request.kind === "decode") {
    const pictures = await decode(request.wanted);
    const arrays = pictures.map((picture) => (picture instanceof Uint8Array ? picture : picture.pixels.data));
    return answer({ pictures }, arrays);
  }
  const planes = await makePlanes(request.wanted, request.spare);
  answer({ planes }, planes.flatMap(arraysOf));
});

function arraysOf(made: readonly MadePlane[] | Uint8Array): (Uint8Array | Float32Array)[] {
  if (made instanceof Uint8Array) return [made];
  return made.flatMap((one) => (one.kind === "decoded" ? [one.image.plane] : []));
}
