/** Floats of 16 bits as float32, exactly. */

/** Every float16 (IEEE 754 binary16) by its bits. */
export const float16Table = (): Float32Array => tableOf(5, 10);

/** Every bfloat16 (the upper half of a float32) by its bits. */
export const bfloat16Table = (): Float32Array => tableOf(8, 7);

// A table, because a file holds millions of values but there are only 65,536 different ones.
const tableOf = (exponentBits: number, mantissaBits: number): Float32Array =>
  Float32Array.from({ length: 0x1_0000 }, (_, bits) => widen(bits, exponentBits, mantissaBits));

/** ± 2^(e − bias) · (1 + m / 2^mantissaBits); e = 0 are the subnormals and zero, the largest e infinity and NaN. */
function widen(bits: number, exponentBits: number, mantissaBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >>> mantissaBits;
  const fraction = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  if (exponent === 2 * bias + 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}
