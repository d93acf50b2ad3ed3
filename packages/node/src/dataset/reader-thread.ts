/** A `FileReader` in a thread of its own. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PlainPicture } from "../images/decode-plain.js";
import type { FileReader, ReadFile } from "./file-reader.js";

/** What is asked of the thread, one thing at a time, and what it answers. */
export type ReaderRequest =
  | { readonly paths: readonly string[]; readonly wanted?: never }
  | { readonly wanted: readonly number[]; readonly paths?: never };

export interface ReaderReply {
  readonly files?: readonly ReadFile[];
  readonly pictures?: readonly (PlainPicture | Uint8Array)[];
}

export function openReaderThread(maxPixels?: number): FileReader {
  const options = { execArgv: [], workerData: maxPixels };
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url), options);
  const ask = async (request: ReaderRequest): Promise<ReaderReply> => {
    worker.postMessage(request);
    const [reply] = await once(worker, "message"); // rejects with the thread's error
    return reply;
  };
  return {
    read: async (paths) => (await ask({ paths })).files!,
    decode: async (wanted) => (await ask({ wanted })).pictures!,
    close: async () => void (await worker.terminate()),
  };
}
