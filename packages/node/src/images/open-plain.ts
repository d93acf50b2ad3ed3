/** Opens what `decodePlain` decoded as levels. Apart from `openLevels`, which loads every decoder. */
import { InputError, pixelLevels } from "@grayling/core/pictures";
import type { PlainPicture } from "./decode-plain.js";
import type { OpenedImage } from "./open-levels.js";

/** Throws `InputError` for another page than the first. */
export function openPlain({ pixels, format, bitDepth }: PlainPicture, page = 1): OpenedImage {
  checkOnePage(page);
  return { levels: pixelLevels(pixels), format, bitDepth };
}

/** Throws `InputError` for another page than the first, of a file that has no pages. */
export function checkOnePage(page: number): void {
  if (page !== 1) throw new InputError(`page ${page}: a file of this kind is read as one picture`);
}
