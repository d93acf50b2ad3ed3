/** A gray picture as augmentation sees it: one plane of gray levels. */

export interface GrayPlane {
  /** [height · width], row after row; 0–255 with fractions. */
  readonly values: Float32Array;
  readonly height: number; // px
  readonly width: number; // px
}

/** Memory for the levels of a result: made new unless one is given, which must not be that of the source. */
export const memoryFor = ({ values }: GrayPlane): Float32Array => new Float32Array(values.length);

/** A level within 0–255. */
export const clampLevel = (level: number): number => Math.min(255, Math.max(0, level));

/** Mean level; 0 for a plane without pixels. */
export function meanLevel({ values }: GrayPlane): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}
