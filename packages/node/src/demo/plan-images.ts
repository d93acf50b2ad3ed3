/** Which pictures a demo makes, and under which names. */
import { SeededRandom } from "@grayling/core";
import { type Defect, defects } from "./defects.js";
import { type Encoding, encodings } from "./encode-plane.js";
import { drawView, paintSurface } from "./paint-surface.js";
import type { Plane } from "./plane.js";

/** Of each class. */
export const counts = { images: 60, heldOut: 5 };

export interface PlannedImage {
  readonly part: "images" | "heldOut";
  readonly defect: Defect;
  /** 1 … 65, the last ones held out. */
  readonly number: number;
  readonly encoding: Encoding;
  /** Below the folder of its part, with "/": `pits/pits-07.png`. */
  readonly relative: string;
}

/** All pictures, class by class. */
export function planImages(): PlannedImage[] {
  const numbers = Array.from({ length: counts.images + counts.heldOut }, (_, i) => i + 1);
  return (Object.keys(defects) as Defect[]).flatMap((defect) =>
    numbers.map((number): PlannedImage => {
      const encoding = encodingOf(number);
      const relative = `${defect}/${defect}-${String(number).padStart(2, "0")}.${encodings[encoding].extension}`;
      return { part: number <= counts.images ? "images" : "heldOut", defect, number, encoding, relative };
    }),
  );
}

/** By number, hence as often in every class: 53 PNG files, 3 of 16 bits, 2 JPEG and 2 WebP. */
function encodingOf(number: number): Encoding {
  if (number % 20 === 10) return "png16";
  if (number % 30 === 15) return "jpeg";
  return number % 30 === 29 ? "webp" : "png";
}

/** The same for the same seed. The view depends on the number alone: neither size nor brightness tells a class. */
export function paintPlanned({ defect, number }: PlannedImage, seed: number): Plane {
  const view = drawView(new SeededRandom(seed, `demo/view/${number}`));
  return paintSurface(defect, view, new SeededRandom(seed, `demo/${defect}/${number}`));
}
