/** NumPy's legacy shuffle: the same seed gives the same order as `numpy.random.RandomState(seed).shuffle(list)`. */
import { InputError } from "../errors.js";

const stateSize = 624;
const period = 397;

/**
 * A new array in NumPy's order (Fisher and Yates from the end; indices by masked rejection).
 * Throws `InputError` for a seed that NumPy does not take: expected a whole number from 0 to 2³² − 1.
 * Source: NumPy 2, `numpy/random/mtrand.pyx`, `RandomState.shuffle`; `src/distributions/distributions.c`,
 * `random_interval`. NumPy has promised that RandomState's streams do not change (NEP 19).
 */
export function numpyShuffled<T>(values: readonly T[], seed: number): T[] {
  const random = mersenneTwister(seed);
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = i + 1;
    while (j > i) j = (random() & mask) >>> 0;
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/**
 * MT19937, seeded with one number; each call gives 32 random bits.
 * Source: Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995, with the seeding of their 2002 revision.
 */
function mersenneTwister(seed: number): () => number {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new InputError(`seed: NumPy takes a whole number from 0 to ${0xffff_ffff}, got ${seed}`);
  }
  const state = new Uint32Array(stateSize);
  state[0] = seed;
  for (let i = 1; i < stateSize; i++) {
    const last = state[i - 1]!;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  let next = stateSize;
  return () => {
    if (next === stateSize) {
      twist(state);
      next = 0;
    }
    let bits = state[next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < stateSize; i++) {
    const mixed = (state[i]! & 0x8000_0000) | (state[(i + 1) % stateSize]! & 0x7fff_ffff);
    state[i] = state[(i + period) % stateSize]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
  }
}
