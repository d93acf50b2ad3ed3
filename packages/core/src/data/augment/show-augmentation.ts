/** Says in a few words what happens to an image. */
import type { DrawnAugmentation, OperationKind, Operations } from "./operations.js";

/** `rotation 4.1° · brightness 1.1 · noise 3.2`; "as it is" for nothing. */
export function showAugmentation(drawn: DrawnAugmentation): string {
  const words = drawn.flatMap((operation) => showOne(operation)).filter((text) => text !== "");
  return words.length === 0 ? "as it is" : words.join(" · ");
}

const showOne = <K extends OperationKind>(operation: { readonly kind: K } & Operations[K]["drawn"]) =>
  shows[operation.kind](operation);

/** Two digits after the point at most, without zeros behind. Adding 0 makes 0 of −0. */
const short = (value: number) => String(Number(value.toFixed(2)) + 0);
const whole = (value: number) => String(Math.round(value) + 0);
/** With a no-break space: a number and its unit stay in one line. */
const percent = (value: number) => `${whole(100 * value)}\u00a0%`;

const shows: { readonly [K in OperationKind]: (drawn: Operations[K]["drawn"]) => string | readonly string[] } = {
  move: ({ rotation = 0, shearing = 0, zoomX = 1, zoomY = 1, shiftX = 0, shiftY = 0, flipX, flipY }) => [
    rotation === 0 ? "" : `rotation ${short(rotation)}°`,
    shiftX === 0 && shiftY === 0 ? "" : `shift ${percent(shiftX)}, ${percent(shiftY)}`,
    shearing === 0 ? "" : `shear ${short(shearing)}°`,
    zoomX === 1 && zoomY === 1 ? "" : `zoom ${short(zoomX)}, ${short(zoomY)}`,
    flipX ? "flip x" : "",
    flipY ? "flip y" : "",
  ],
  elastic: ({ shift }) => `elastic ${short(100 * shift)}\u00a0%`,
  clahe: ({ limit }) => `clahe ${short(limit)}`,
  brightness: ({ factor }) => `brightness ${short(factor)}`,
  contrast: ({ factor }) => `contrast ${short(factor)}`,
  gamma: ({ gamma }) => `gamma ${short(gamma)}`,
  blur: ({ sd }) => `blur ${short(sd)}`,
  poissonNoise: ({ photons }) => `photons ${whole(photons)}`,
  gaussianNoise: ({ sd }) => `noise ${short(sd)}`,
  cutOut: ({ holes }) => holes.map(({ width, height }) => `cut-out ${percent(width)} × ${percent(height)}`),
};
