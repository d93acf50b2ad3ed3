/** Opens any picture that we read as `Levels`: sniffed by its first bytes, decoded by whoever knows the format. */
import { InputError, type Levels } from "@grayling/core";
import { readBmp } from "./bmp.js";
import { checkPixels } from "./check-pixels.js";
import type { PlainPicture } from "./decode-plain.js";
import { decodeTiff } from "./decode-tiff.js";
import { type DecodeLimits, decodeWithSharp, type OpenedLevels } from "./decode-with-sharp.js";
import { explainDamage } from "./explain-damage.js";
import { type ImageFormat, sniff } from "./image-format.js";
import { defaultMaxPixels } from "./max-pixels.js";
import { checkOnePage, openPlain } from "./open-plain.js";

export interface OpenedImage {
  /** In the file's own units, upright. */
  readonly levels: Levels;
  readonly format: ImageFormat;
  readonly bitDepth: number; // of the file, per sample
  /** What of a DICOM file's wishes for display is not followed, in one line each; absent: nothing. */
  readonly notes?: readonly string[];
}

export interface OpenOptions {
  /** From 1, of a TIFF's pages or a DICOM's frames; default 1. */
  readonly page?: number | undefined;
  /** A picture that claims more is refused before anything is allocated; default `defaultMaxPixels`. */
  readonly maxPixels?: number | undefined;
}

/** Throws `InputError` with a short reason, without the path, for what is no picture, is damaged or cannot be read. */
export async function openLevels(
  picture: PlainPicture | Uint8Array,
  { page = 1, maxPixels = defaultMaxPixels }: OpenOptions = {},
): Promise<OpenedImage> {
  if (!(picture instanceof Uint8Array)) return openPlain(picture, page);
  const format = formatOf(picture);
  try {
    return { format, ...(await openers[format](picture, { page, maxPixels })) };
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(explainDamage(picture, format), { cause: error });
  }
}

function formatOf(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new InputError("empty file (0 bytes)");
  const found = sniff(bytes);
  if (found.kind === "unsupported") throw new InputError(`${found.name} is not supported yet`);
  if (found.kind === "other") throw new InputError(`not an image: ${found.name}`);
  return found.format;
}

type PageOptions = DecodeLimits & { readonly page: number };
type Open = (bytes: Uint8Array, options: PageOptions) => OpenedLevels | Promise<OpenedLevels>;

const onePage =
  (open: Open): Open =>
  (bytes, options) => {
    checkOnePage(options.page);
    return open(bytes, options);
  };

const openers: { readonly [F in ImageFormat]: Open } = {
  png: onePage(decodeWithSharp),
  jpeg: onePage(decodeWithSharp),
  webp: onePage(decodeWithSharp),
  gif: onePage(decodeWithSharp),
  tiff: decodeTiff,
  dicom: async (bytes, options) => (await import("./dicom.js")).decodeDicom(bytes, options), // loaded when needed
  bmp: onePage((bytes, { maxPixels }) => {
    const opened = readBmp(bytes);
    checkPixels(opened.levels.width, opened.levels.height, maxPixels);
    return opened;
  }),
};
