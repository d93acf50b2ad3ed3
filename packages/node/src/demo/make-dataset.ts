/** Writes the demo's pictures, and a few files that only look like pictures. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mapInOrder } from "../dataset/map-in-order.js";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";
import { loadSharp } from "../images/load-sharp.js";
import type { DemoFolder } from "./demo-folder.js";
import { encodings } from "./encode-plane.js";
import { type PlannedImage, paintPlanned, planImages } from "./plan-images.js";

export interface MakeOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** Broken on purpose, below `images/`: what copying, a full disk and a slip of the hand leave behind. From a whole file. */
export const brokenFiles: Readonly<Record<string, (whole: Uint8Array) => Uint8Array | string>> = {
  "inclusions/broken-empty.png": () => "",
  "pits/broken-cut-off.png": (whole) => whole.subarray(0, whole.length >> 1),
  "scratches/broken-text.png": () => "Camera 2 did not answer.\n",
};

/** Painting holds the processor, compressing and writing do not: so many files are under way at once. */
const concurrency = 4;

/** Same seed, same bytes. Replaces files of the same names and leaves all others alone; throws the signal's reason. */
export async function makeDataset(folder: DemoFolder, { seed, signal, onProgress }: MakeOptions): Promise<void> {
  const sharp = await loadSharp();
  const planned = planImages();
  const pathOf = ({ part, relative }: PlannedImage) => join(folder[part], relative);
  for (const parent of new Set(planned.map((image) => dirname(pathOf(image))))) {
    await writing(parent, mkdir(parent, { recursive: true }));
  }
  const write = async (image: PlannedImage): Promise<Uint8Array> => {
    signal?.throwIfAborted();
    const bytes = await encodings[image.encoding].encode(paintPlanned(image, seed), sharp);
    await writeAtomically(pathOf(image), bytes);
    return bytes;
  };
  let done = 0;
  let whole: Uint8Array = new Uint8Array();
  for await (const bytes of mapInOrder(planned, write, { concurrency, ahead: concurrency })) {
    whole = bytes;
    onProgress?.({ done: ++done, total: planned.length });
  }
  for (const [relative, spoil] of Object.entries(brokenFiles)) {
    await writeAtomically(join(folder.images, relative), spoil(whole));
  }
}
