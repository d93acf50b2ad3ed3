/** Feature products as plain loops: the reference for faster ones, and enough for small sets. */

import { measureColumns, standardize } from "../standardization.js";
import type { FeatureProducts } from "./feature-products.js";

/** Products with the standardised `features` [rows, columns]; sums are float64, results rounded to float32 once. */
export function denseProducts(features: Float32Array, rows: number, columns: number): FeatureProducts {
  const standardization = measureColumns(features, rows, columns);
  const x = standardize(features, standardization);
  return {
    rows,
    columns,
    standardization,
    async forward(weights, m) {
      const result = new Float32Array(rows * m);
      for (let i = 0; i < rows; i++) {
        const sums = new Float64Array(m);
        for (let j = 0; j < columns; j++) {
          const factor = x[i * columns + j]!;
          for (let k = 0; k < m; k++) sums[k]! += factor * weights[j * m + k]!;
        }
        result.set(sums, i * m);
      }
      return result;
    },
    async backward(residual, m) {
      const sums = new Float64Array(columns * m);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const factor = x[i * columns + j]!;
          for (let k = 0; k < m; k++) sums[j * m + k]! += factor * residual[i * m + k]!;
        }
      }
      return Float32Array.from(sums);
    },
  };
}
