/** A `FileReader` in a thread of its own. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PlainPicture } from "../images/decode-plain.js";
import type { FileReader, ReaderOptions, ReadFile } from "./file-reader.js";
import type { MadePlane, WantedPages } from "./make-planes.js";

/** What is asked of the thread, one thing at a time, and what it answers. */
export type ReaderRequest =
  | { readonly kind: "read"; readonly paths: readonly string[] }
  | { readonly kind: "decode"; readonly wanted: readonly number[] }
  | { readonly kind: "makePlanes"; readonly wanted: readonly WantedPages[]; readonly spare: Float32Array[] };

export interface ReaderReply {
  readonly files?: readonly ReadFile[];
  readonly pictures?: readonly (PlainPicture | Uint8Array)[];
  readonly planes?: readonly (readonly MadePlane[] | Uint8Array)[];
}

export interface ThreadOptions extends Omit<ReaderOptions, "mayUseSharp"> {
  /** Shared: [1] of 1 once sharp is set up in this process. Default: the thread does without. */
  readonly sharpIsReady?: Int32Array | undefined;
}

export function openReaderThread(options: ThreadOptions = {}): FileReader {
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url), { execArgv: [], workerData: options });
  const ask = async (request: ReaderRequest, moved: readonly Float32Array[] = []): Promise<ReaderReply> => {
    worker.postMessage(
      request,
      moved.map(({ buffer }) => buffer as ArrayBuffer), // planes in the making are not shared
    );
    const [reply] = await once(worker, "message"); // rejects with the thread's error
    return reply;
  };
  return {
    read: async (paths) => (await ask({ kind: "read", paths })).files!,
    decode: async (wanted) => (await ask({ kind: "decode", wanted })).pictures!,
    makePlanes: async (wanted, spare = []) => {
      const moved = spare.splice(0, wanted.length);
      return (await ask({ kind: "makePlanes", wanted, spare: moved }, moved)).planes!;
    },
    close: async () => void (await worker.terminate()),
  };
}
