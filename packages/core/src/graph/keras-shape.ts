/** Shapes as Keras holds and prints them: channels last, `None` for the batch. */
import type { Shape } from "./graph.js";

/** `null` is the batch, of any extent. */
export type KerasShape = readonly (number | null)[];

/** [N, C, H, W] → [null, H, W, C]; [N, C] → [null, C]. */
export function kerasShape(shape: Shape): KerasShape {
  const extents = shape.map((extent) => (extent === "N" ? null : extent));
  if (extents.length !== 4) return extents;
  const [n, c, h, w] = extents as [number | null, number, number, number]; // rank just checked
  return [n, h, w, c];
}

/** `(None, 128, 128, 3)`, or with the extent of a batch in the place of `None`. */
export function showKerasShape(shape: KerasShape, batch?: number): string {
  const extents = shape.map((extent) => extent ?? batch ?? "None");
  return `(${extents.join(", ")}${extents.length === 1 ? "," : ""})`;
}
