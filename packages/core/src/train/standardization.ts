/**
 * Features brought to mean 0 and deviation 1 per column, so that one penalty fits all; and a head brought back from
 * there.
 */

export interface Standardization {
  readonly mean: Float64Array; // [columns]
  /** Population standard deviation, as scikit-learn's `StandardScaler`; 1 where a column is constant. */
  readonly deviation: Float64Array; // [columns]
}

/** x [rows, columns] · kernel [columns, classes] + bias [classes] */
export interface LinearHead {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/**
 * A deviation below this part of the column's magnitude is float32 rounding of a constant. 2⁻²⁰ is eight steps of
 * float32: one step would let the last bits of a dead channel become a feature.
 */
const constantBelow = 2 ** -20;

/** Mean and deviation of every column of `features` [rows, columns], in float64 and two passes. */
export function measureColumns(features: Float32Array, rows: number, columns: number): Standardization {
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += features[i * columns + j]! / rows;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) deviation[j]! += (features[i * columns + j]! - mean[j]!) ** 2 / rows;
  }
  for (let j = 0; j < columns; j++) {
    const root = Math.sqrt(deviation[j]!);
    deviation[j] = root > constantBelow * Math.abs(mean[j]!) ? root : 1;
  }
  return { mean, deviation };
}

/** (features − mean) / deviation, per column, as a new [rows, columns]; rounded to float32 once. */
export function standardize(features: Float32Array, { mean, deviation }: Standardization): Float32Array {
  const result = new Float32Array(features.length);
  const columns = mean.length;
  for (let start = 0; start < features.length; start += columns) {
    for (let j = 0; j < columns; j++) result[start + j] = (features[start + j]! - mean[j]!) / deviation[j]!;
  }
  return result;
}

/**
 * The head for raw features that equals a head for standardised ones:
 * ((x − mean) / deviation)·W + b = x·W' + b' with W' = W / deviation (per row), b' = b − mean·W'.
 * `kernel` is [columns, classes]. Computed in float64, rounded to float32 at the end.
 */
export function foldStandardization(
  kernel: Float64Array,
  bias: Float64Array,
  { mean, deviation }: Standardization,
): LinearHead {
  const classes = bias.length;
  const folded = { kernel: new Float32Array(kernel.length), bias: bias.slice() };
  for (let j = 0; j < mean.length; j++) {
    for (let k = 0; k < classes; k++) {
      const weight = kernel[j * classes + k]! / deviation[j]!;
      folded.kernel[j * classes + k] = weight;
      folded.bias[k]! -= mean[j]! * weight;
    }
  }
  return { kernel: folded.kernel, bias: Float32Array.from(folded.bias) };
}
