/** Lets what was drawn happen to an image. */
import { augmentations } from "./augmentations.js";
import { drawVariant, type Variant } from "./draw-augmentation.js";
import type { GrayPlane } from "./gray-plane.js";
import type { AugmentOptions, DrawnAugmentation, OperationKind, Operations } from "./operations.js";

/** The plane after all operations; the plane itself after none. It is never written to. */
export function applyAugmentation(plane: GrayPlane, drawn: DrawnAugmentation): GrayPlane {
  // Two planes of memory in turn, however many the operations are: memory costs as much as changing brightness does.
  const memory = Array.from({ length: Math.min(2, drawn.length) }, () => new Float32Array(plane.values.length));
  return drawn.reduce((result, operation, i) => applyOne(result, operation, memory[i % 2]!), plane);
}

function applyOne<K extends OperationKind>(
  plane: GrayPlane,
  operation: { readonly kind: K } & Operations[K]["drawn"],
  into: Float32Array,
): GrayPlane {
  return augmentations[operation.kind].apply(plane, operation, into);
}

/** A variant of an image: what `drawVariant` draws for it, applied. */
export function augmentPlane(plane: GrayPlane, options: AugmentOptions, variant: Variant): GrayPlane {
  return applyAugmentation(plane, drawVariant(options, variant));
}
