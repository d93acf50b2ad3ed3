/** The two matrix products that fitting a linear head consists of: the seam behind which a fast engine does them. */
import type { Standardization } from "../standardization.js";

/** X [rows, columns]: the standardised features of the training images. All matrices are row major. */
export interface FeatureProducts {
  readonly rows: number;
  readonly columns: number;
  /** What X was standardised with. */
  readonly standardization: Standardization;
  /** X·W: `weights` [columns, m] to [rows, m]. */
  forward(weights: Float32Array, m: number): Promise<Float32Array>;
  /** Xᵀ·R: `residual` [rows, m] to [columns, m]. */
  backward(residual: Float32Array, m: number): Promise<Float32Array>;
}
