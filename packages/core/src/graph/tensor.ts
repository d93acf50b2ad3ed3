/** A block of float32 values with its extents, row major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Number of values in a shape; 1 for a scalar, []. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** `[1, 2, N]` */
export const showShape = (shape: readonly (number | string)[]): string => `[${shape.join(", ")}]`;

/** Whether two tensors hold the same numbers, in the same shape. */
export const isSameTensor = (a: Tensor, b: Tensor): boolean =>
  a === b || (showShape(a.shape) === showShape(b.shape) && a.data.every((value, i) => Object.is(value, b.data[i])));

/** The tensor with values of its own. */
export const copyTensor = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice() });
