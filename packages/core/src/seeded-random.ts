/** A seeded generator of random numbers: the same seed gives the same numbers on every machine. */

/**
 * Mulberry32 with a mixed seed; period 2³². Good for shuffles, masks and initial weights, not for secrets.
 * Source: Tommy Ettinger 2017, public domain, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export class SeededRandom {
  #state: number;

  /**
   * `stream` names a place of its own in the sequence, so that one consumer does not shift another's numbers. There is one
   * sequence of 2³² numbers: long streams can overlap. The place is FNV-1a's hash, http://www.isthe.com/chongo/tech/comp/fnv/.
   */
  constructor(seed: number, stream = "") {
    let hash = 0x811c9dc5;
    for (const char of `${seed}/${stream}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
    this.#state = hash;
  }

  /** Uniform in [0, 1), 32 random bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  /** A new array in random order (Fisher and Yates). */
  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
