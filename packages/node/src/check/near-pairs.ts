/** Finds all pairs of 64-bit hashes that differ in few bits, without comparing all with all. */

/** Bits that two hashes may differ in, at most, for the search to find every pair. */
export const mostBits = 7;

const bands = 4; // of 16 bits

/**
 * Calls `found` for every pair i < j of `hashes` (16 hexadecimal digits) that differ in at most `mostBits` bits, once.
 *
 * Of 7 differing bits, one of four bands of 16 holds at most 1: so each hash looks into the buckets of its own bands and
 * of those with one bit turned, 4 · 17 lookups. Where many hashes are alike the buckets are long, as the answer is.
 * Source: Norouzi, Punjani and Fleet 2012, Fast Search in Hamming Space with Multi-Index Hashing, §3.
 */
export function nearPairs(hashes: readonly string[], found: (i: number, j: number, bits: number) => void): void {
  const words = Uint32Array.from(
    hashes.flatMap((hash) => [hash.slice(0, 8), hash.slice(8)]),
    (hex) => Number.parseInt(hex, 16),
  );
  const buckets = Array.from({ length: bands }, () => new Map<number, number[]>());
  const lastMet = new Int32Array(hashes.length).fill(-1); // by which hash each was met, as it is met in several buckets
  for (let i = 0; i < hashes.length; i++) {
    for (const [band, bucket] of buckets.entries()) {
      const own = bandOf(words, i, band);
      for (const key of [own, ...turned.map((bit) => own ^ bit)]) {
        for (const j of bucket.get(key) ?? []) {
          if (lastMet[j] === i) continue;
          lastMet[j] = i;
          const bits = differing(words, i, j);
          if (bits <= mostBits) found(j, i, bits);
        }
      }
    }
    for (const [band, bucket] of buckets.entries()) addTo(bucket, bandOf(words, i, band), i);
  }
}

const turned: readonly number[] = Array.from({ length: 16 }, (_, bit) => 1 << bit);

const bandOf = (words: Uint32Array, i: number, band: number): number =>
  (words[2 * i + (band >> 1)]! >>> (16 * (band & 1))) & 0xffff;

/** Bits that differ between two hashes of `words` [2 · n]. */
function differing(words: Uint32Array, i: number, j: number): number {
  return ones(words[2 * i]! ^ words[2 * j]!) + ones(words[2 * i + 1]! ^ words[2 * j + 1]!);
}

/** Bits set, counted in parallel. Source: Warren, Hacker's Delight, 2nd edition, §5–1. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function addTo(bucket: Map<number, number[]>, key: number, i: number): void {
  const list = bucket.get(key);
  if (list) list.push(i);
  else bucket.set(key, [i]);
}
