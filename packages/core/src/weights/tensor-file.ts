/** What a weight file holds, whatever its format. */
import type { Tensor } from "../graph/tensor.js";

export interface TensorFile {
  /** By the file's own names, except that Keras' are `layer/variable` as Keras 3 spells them: `block1a_dwconv/kernel`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /**
   * Texts beside the tensors. `layout` says how tensors with Keras' names lie: `grayling` (NCHW: OIHW kernels), else
   * Keras' own (HWIO kernels).
   */
  readonly metadata: Readonly<Record<string, string>>;
}
