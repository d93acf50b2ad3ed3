/** A fingerprint of what a picture shows: alike for copies that were scaled, recompressed, brightened. */

/** Frequencies per direction that go into the hash. */
const side = 8;

/**
 * The pHash of a square plane [n · n], as 16 hexadecimal digits: the lowest 8 × 8 frequencies of its cosine transform
 * (DCT-II), row by row, each a bit that tells whether it is above their median. Copies differ in few bits, other
 * pictures in about half of them. A median is the mean of the two values in the middle.
 *
 * Source: Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions, §3.2.1; with the frequencies
 * from 0 on instead of 1, as imagehash 4.3 has it, since a plane of vertical stripes has nothing in the others.
 */
export type PerceptualHash = (plane: Float32Array) => string;

/** Makes the hash for planes of n × n: its cosines are computed once. */
export function createPerceptualHash(n: number): PerceptualHash {
  const cosines = Float64Array.from({ length: side * n }, (_, i) => {
    const frequency = Math.floor(i / n);
    return Math.cos((Math.PI * (2 * (i % n) + 1) * frequency) / (2 * n));
  });
  return (plane) => toHex(lowFrequencies(plane, cosines, n));
}

/** [8 · 8]: first along the rows, then down. */
function lowFrequencies(plane: Float32Array, cosines: Float64Array, n: number): Float64Array {
  const across = new Float64Array(n * side);
  for (let y = 0; y < n; y++) {
    for (let v = 0; v < side; v++) {
      let sum = 0;
      for (let x = 0; x < n; x++) sum += plane[y * n + x]! * cosines[v * n + x]!;
      across[y * side + v] = sum;
    }
  }
  const low = new Float64Array(side * side);
  for (let u = 0; u < side; u++) {
    for (let y = 0; y < n; y++) {
      for (let v = 0; v < side; v++) low[u * side + v]! += across[y * side + v]! * cosines[u * n + y]!;
    }
  }
  return low;
}

function toHex(low: Float64Array): string {
  const sorted = low.toSorted();
  const middle = sorted.length / 2;
  const median = (sorted[middle - 1]! + sorted[middle]!) / 2;
  const nibbles = Array.from({ length: low.length / 4 }, (_, i) =>
    low.subarray(4 * i, 4 * i + 4).reduce((bits, value) => 2 * bits + (value > median ? 1 : 0), 0),
  );
  return nibbles.map((nibble) => nibble.toString(16)).join("");
}
