/** What a network reads. */
import { InputError } from "../errors.js";
import { type Graph, nodesOf } from "./graph.js";
import { showShape } from "./tensor.js";

export interface ImageInput {
  readonly channels: number;
  readonly height: number; // px
  readonly width: number; // px
}

/** The extents of a graph's first input. Throws `InputError` where it reads no images [N, C, H, W]. */
export function imageInput(graph: Graph): ImageInput {
  const shape = nodesOf(graph, "Input")[0]?.shape ?? [];
  const [, channels, height, width] = shape;
  if (typeof channels !== "number" || typeof height !== "number" || typeof width !== "number") {
    throw new InputError(`the model reads ${showShape(shape)}, expected images [N, C, H, W]`);
  }
  return { channels, height, width };
}
