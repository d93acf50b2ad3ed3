/** What a weight file holds, whatever its format. */
import type { Tensor } from "../graph/tensor.js";

export interface TensorFile {
  /** By the file's own names, except that Keras' names are spelled as `layer/variable` by Keras 3 (`block1a_dwconv/kernel`). */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /**
   * Texts beside the tensors. `layout` says how tensors with Keras' names lie: `grayling` (NCHW: OIHW kernels), else
   * Keras' own (HWIO kernels).
   */
  readonly metadata: Readonly<Record<string, string>>;
}
