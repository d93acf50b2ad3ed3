/** Index of the largest value; of equals the first, as in numpy. */
export const indexOfLargest = (values: Float32Array): number => values.indexOf(values.reduce((a, b) => Math.max(a, b)));
