/** The one image that `explain` and `verify` may be given, read as a training would read it. */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { PlaneReading } from "../images/read-plane.js";
import type { Console } from "./console.js";
import { addPixelLimit } from "./shared-options.js";

export interface ImageFlags {
  readonly window?: string;
  readonly interpolation?: string;
  readonly maxPixels?: number;
}

export function addImageOptions(command: Command): Command {
  command.option(
    "--window <values>",
    "which values of the image become black and white: full, minmax, p1-p99, image, dicom, or low:high in the file's units " +
      "(default: full for 8 bits, else p0.1-p99.9)",
  );
  command.option(
    "--interpolation <how>",
    "how the image is scaled: antialias, bilinear or nearest (default: antialias)",
  );
  return addPixelLimit(command);
}

export interface ShownImage {
  readonly path: string;
  readonly reading: PlaneReading;
  /** Says which window was chosen; for after it was read. */
  say(): void;
}

/** `text` is a file, or a page of one: `file.tif#3`. Without an image `undefined`. Throws `InputError` for an option that is none. */
export async function findShownImage(
  text: string | undefined,
  { window, interpolation, maxPixels }: ImageFlags,
  console: Console,
): Promise<ShownImage | undefined> {
  const [{ InputError, interpolations, parseWindow }, { oneOf }, { parsePage }, { chooseWindow }] = await Promise.all([
    import("@grayling/core"),
    import("../one-of.js"),
    import("../dataset/paged-image.js"),
    import("../features/choose-window.js"),
  ]);
  const asked = window === undefined ? undefined : parseWindow(window);
  const how = interpolation === undefined ? undefined : oneOf("interpolation", interpolation, interpolations);
  if (text === undefined) {
    const stray = Object.entries({ window, interpolation }).find(([, value]) => value !== undefined);
    if (stray === undefined) return undefined;
    throw new InputError(`${stray[0]} "${stray[1]}": is of an image, and there is none; name one, or leave it out`);
  }
  const isFile = await stat(text).then(
    () => true,
    () => false,
  );
  const image = isFile ? { path: text } : parsePage(text);
  const { window: settled, said } = await chooseWindow([image], { asked, maxPixels, signal: console.signal });
  return {
    path: image.path,
    reading: { page: image.page, window: settled, interpolation: how, maxPixels },
    say: () => said !== undefined && console.note(said),
  };
}
