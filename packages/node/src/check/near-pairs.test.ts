import { SeededRandom } from "@grayling/core";
import { expect, it } from "vitest";
import { mostBits, nearPairs } from "./near-pairs.js";

const random = new SeededRandom(3, "hashes");
const hexOf = (value: bigint) => value.toString(16).padStart(16, "0");
const draw = () => (BigInt(random.integer(2 ** 32)) << 32n) | BigInt(random.integer(2 ** 32));

function onesOf(value: bigint): number {
  return [...value.toString(2)].filter((digit) => digit === "1").length;
}

/** 300 hashes, each with a few relatives of 0 … 10 turned bits. */
function relatedHashes(): bigint[] {
  return Array.from({ length: 300 }, draw).flatMap((hash) => {
    const relatives = Array.from({ length: random.integer(3) }, () => {
      let other = hash;
      for (let bits = random.integer(11); bits > 0; bits--) other ^= 1n << BigInt(random.integer(64));
      return other;
    });
    return [hash, ...relatives];
  });
}

it("finds the pairs that a comparison of all with all finds, each once", () => {
  const hashes = relatedHashes();
  const expected = new Map<string, number>();
  for (const [i, a] of hashes.entries()) {
    for (const [j, b] of hashes.entries()) {
      const bits = onesOf(a ^ b);
      if (i < j && bits <= mostBits) expected.set(`${i} ${j}`, bits);
    }
  }
  const found: [string, number][] = [];
  nearPairs(hashes.map(hexOf), (i, j, bits) => found.push([`${i} ${j}`, bits]));
  expect(found.length).toBe(new Set(found.map(([pair]) => pair)).size);
  expect(new Map(found)).toEqual(expected);
  expect(expected.size).toBeGreaterThan(100);
});

it("looks at few of the pairs of 20,000 hashes that have nothing to do with each other", () => {
  const hashes = Array.from({ length: 20_000 }, () => hexOf(draw()));
  const start = process.cpuUsage(); // not the clock: a busy machine is no fault
  let pairs = 0;
  nearPairs(hashes, () => pairs++);
  expect(pairs).toBe(0); // expected by chance: 2e8 pairs × P(≤ 7 of 64 bits) ≈ 4e-11
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(10_000); // 0.3 s alone; all with all would be 2e8 comparisons
});
