/** Small changes to bytes and numbers, such as damage and malice make them. */
import type { SeededRandom } from "../seeded-random.js";

export const oneOf = <T>(random: SeededRandom, values: readonly T[]): T => values[random.integer(values.length)]!;

/** Bytes changed, bits flipped, a piece cut out, doubled, moved or filled, or the end cut off: one of these. */
export function mutateBytes(random: SeededRandom, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = Uint8Array.from(bytes);
  if (bytes.length === 0) return result;
  const at = random.integer(bytes.length);
  const length = 1 + random.integer(oneOf(random, [1, 8, 64, bytes.length]));
  switch (random.integer(7)) {
    case 0:
      for (let n = random.integer(4); n >= 0; n--) result[random.integer(bytes.length)] = random.integer(256);
      return result;
    case 1:
      result[at]! ^= 1 << random.integer(8);
      return result;
    case 2:
      return result.slice(0, at);
    case 3:
      return joined(result.subarray(0, at), result.subarray(at + length));
    case 4:
      return joined(result.subarray(0, at + length), result.subarray(at));
    case 5:
      result.copyWithin(random.integer(bytes.length), at, at + length);
      return result;
    default:
      return result.fill(oneOf(random, [0, 255]), at, at + length);
  }
}

/** An unsigned integer of `size` bytes that programs trip over, or a neighbour of the one that was there. */
export function hostileInteger(random: SeededRandom, size: number, was = 0n): bigint {
  const bits = BigInt(8 * size);
  const near = BigInt(1 + random.integer(16));
  const power = 1n << BigInt(random.integer(8 * size));
  const value = oneOf(random, [0n, 1n, -1n, -2n, was + near, was - near, was * 2n, was ^ power, power, power - 1n]);
  return BigInt.asUintN(Number(bits), value);
}

/** Writes an unsigned integer, little endian, as far as the bytes reach. */
export function writeInteger(bytes: Uint8Array, at: number, size: number, value: bigint): void {
  for (let n = 0; n < size && at + n < bytes.length; n++) bytes[at + n] = Number((value >> BigInt(8 * n)) & 0xffn);
}

/** Reads an unsigned integer, little endian; what is beyond the end is 0. */
export function readInteger(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let n = 0; n < size; n++) value |= BigInt(bytes[at + n] ?? 0) << BigInt(8 * n);
  return value;
}

/** One behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
