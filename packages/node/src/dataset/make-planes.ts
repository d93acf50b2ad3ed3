/** The step of a reader that makes planes of the files that it holds. */
import { InputError } from "@grayling/core/pictures";
import type { DecodedImage } from "../images/decode.js";
import type { DecodePlain, PlainPicture } from "../images/decode-plain.js";
import { createPlaneMaker, type MakePlane } from "../images/make-plane.js";
import { decodeLargeJpeg } from "../images/native-jpeg.js";
import { openPlain } from "../images/open-plain.js";
import type { FileReader, ReaderOptions } from "./file-reader.js";
import { mapInOrder } from "./map-in-order.js";

/** A file by its index into what was read, and the pages wanted of it. */
export interface WantedPages {
  readonly index: number;
  readonly pages: readonly (number | undefined)[];
}

export type MadePlane =
  | { readonly kind: "decoded"; readonly image: DecodedImage }
  | { readonly kind: "skipped"; readonly reason: string };

/** While one picture is resized, sharp decodes the next in a thread of its own. */
const steps = { concurrency: 2, ahead: 2 };

type MakePlanes = (
  take: (index: number) => Uint8Array,
  wanted: readonly WantedPages[],
  spare: Float32Array[],
) => ReturnType<FileReader["makePlanes"]>;

/** Throws `InputError` for a size that is none. */
export function createPlaneStep(
  decodePlain: DecodePlain,
  { decoding, maxPixels, mayUseSharp = () => false }: ReaderOptions,
): MakePlanes {
  if (!decoding) return () => Promise.reject(new Error("internal: the reader was given no decoding"));
  const makePlane = createPlaneMaker(decoding);
  const make = async (bytes: Uint8Array, pages: WantedPages["pages"], spare: Float32Array[]) => {
    const large = mayUseSharp() ? await decodeLargeJpeg(bytes, maxPixels) : undefined;
    const picture = large ?? decodePlain(bytes);
    return picture ? pages.map((page) => tryToMake(makePlane, picture, page, spare.pop())) : bytes;
  };
  return async (take, wanted, spare) => {
    const made: (readonly MadePlane[] | Uint8Array)[] = [];
    const work = ({ index, pages }: WantedPages) => make(take(index), pages, spare);
    for await (const one of mapInOrder(wanted, work, steps)) made.push(one);
    return made;
  };
}

/** The plane, or the reason of an `InputError`, which would not survive the way to another thread. */
function tryToMake(
  makePlane: MakePlane,
  picture: PlainPicture,
  page: number | undefined,
  plane: Float32Array | undefined,
): MadePlane {
  try {
    return { kind: "decoded", image: makePlane(openPlain(picture, page), picture, plane) };
  } catch (error) {
    if (error instanceof InputError) return { kind: "skipped", reason: error.message };
    throw error;
  }
}
