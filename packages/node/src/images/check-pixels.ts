/** Refuses a picture that is too large. */
import { InputError } from "@grayling/core";
import { defaultMaxPixels } from "./max-pixels.js";

/** Throws `InputError` beyond `maxPixels`. */
export function checkPixels(width: number, height: number, maxPixels: number = defaultMaxPixels): void {
  if (width * height <= maxPixels) return;
  const [shownWidth, shownHeight, limit] = [width, height, maxPixels].map((value) => value.toLocaleString("en"));
  throw new InputError(`claims ${shownWidth} × ${shownHeight} pixels, limit ${limit} in all (--max-pixels)`);
}
