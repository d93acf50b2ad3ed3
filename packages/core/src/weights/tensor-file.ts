/** What a weight file holds, whatever its format. */
import type { Tensor } from "../graph/tensor.js";

export interface TensorFile {
  /** By the file's own names, except that Keras' are `layer/variable` as Keras 3 spells them: `block1a_dwconv/kernel`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /**
   * Texts beside the tensors. `layout` says how tensors with Keras' names lie: `grayling` (NCHW: OIHW kernels), else
   * Keras' own (HWIO kernels). Of a file of Keras, `format` is `h5`, `weights.h5` or `keras`, and `keras_version` is
   * there where the file tells it.
   */
  readonly metadata: Readonly<Record<string, string>>;
  /** The description of the model (JSON) that a whole Keras model carries beside its weights. It is data: nothing runs. */
  readonly config?: unknown;
}
