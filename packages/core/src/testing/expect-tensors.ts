/** What every weight file that is accepted must be. */
import { sizeOf } from "../graph/tensor.js";
import type { TensorFile } from "../weights/tensor-file.js";

/** Throws an `Error` unless every tensor has as many values as its shape says, and the metadata are texts. */
export function expectTensors({ tensors, metadata }: TensorFile): void {
  for (const [name, { shape, data }] of tensors) {
    const fits = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && sizeOf(shape) === data.length;
    if (!(data instanceof Float32Array) || !fits) {
      throw new Error(`${JSON.stringify(name)}: ${JSON.stringify(shape)} has ${data.length} values`);
    }
  }
  for (const text of Object.values(metadata)) if (typeof text !== "string") throw new Error("metadata that is no text");
}
