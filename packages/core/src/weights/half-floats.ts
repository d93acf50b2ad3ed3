/** Floats of 16 bits: as float32, exactly, and back, rounded. */

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

/** The bits of the nearest float16, the even one of two; beyond ±65,504 infinity. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, narrow);
}

/** Of the bits of a float32. */
function narrow(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477f_f000) return sign | 0x7c00; // rounds beyond 65,504
  const exponent = (magnitude >>> 23) - 127;
  if (exponent < -25) return sign;
  // A float16 below 2^-14 has the unit 2^-24, above it its own exponent's.
  const dropped = exponent < -14 ? -1 - exponent : 13;
  const mantissa = exponent < -14 ? (magnitude & 0x7f_ffff) | 0x80_0000 : magnitude - ((127 - 15) << 23);
  const kept = Math.floor(mantissa / 2 ** dropped);
  const rest = mantissa - kept * 2 ** dropped;
  const half = 2 ** (dropped - 1);
  return sign | (kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0));
}
