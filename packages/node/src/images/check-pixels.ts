/** Refuses a picture that is too large. */
import { InputError } from "@grayling/core";
import { maxPixels } from "./max-pixels.js";

/** Throws `InputError` beyond `maxPixels`. */
export function checkPixels(width: number, height: number): void {
  if (width * height <= maxPixels) return;
  const [shownWidth, shownHeight, limit] = [width, height, maxPixels].map((value) => value.toLocaleString("en"));
  throw new InputError(`claims ${shownWidth} × ${shownHeight} pixels, limit ${limit} in all`);
}
