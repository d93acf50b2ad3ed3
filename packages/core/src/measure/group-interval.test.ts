import { describe, expect, it } from "vitest";
import { SeededRandom } from "../seeded-random.js";
import { groupInterval } from "./group-interval.js";

const random = new SeededRandom(1, "values");
const right = Array.from({ length: 1000 }, () => (random.next() < 0.9 ? 1 : 0));
const width = ({ low, high }: { readonly low: number; readonly high: number }) => high - low;

describe("the interval of a mean over groups", () => {
  it("is that of a binomial part where every value is a group of its own", () => {
    const interval = groupInterval(
      right,
      right.map((_, i) => String(i)),
      0,
    );
    const mean = right.reduce<number>((a, b) => a + b, 0) / 1000;
    expect(interval.mean).toBeCloseTo(mean, 12);
    // ± 1.96 standard errors; the ends of 2,000 draws are sure to about 5 % of the width.
    const expected = 2 * 1.96 * Math.sqrt((mean * (1 - mean)) / 1000);
    expect(Math.abs(width(interval) / expected - 1)).toBeLessThan(0.1);
    expect(interval.low).toBeLessThan(mean);
    expect(interval.high).toBeGreaterThan(mean);
  });

  it("is √m times as wide where m values of a group are the same", () => {
    const repeated = right.flatMap((value) => Array<number>(9).fill(value));
    const own = groupInterval(
      repeated,
      repeated.map((_, i) => String(i)),
      0,
    );
    const grouped = groupInterval(
      repeated,
      repeated.map((_, i) => String(Math.floor(i / 9))),
      0,
    );
    expect(Math.abs(width(grouped) / width(own) / 3 - 1)).toBeLessThan(0.1);
  });

  it("covers the truth 19 times in 20", () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const own = new SeededRandom(seed, "truth");
      const groups = Array.from({ length: 40 }, () => 0.5 + 0.5 * own.next()); // how well each is known; mean 0.75
      const values = groups.flatMap((part) => Array.from({ length: 10 }, () => (own.next() < part ? 1 : 0)));
      const { low, high } = groupInterval(
        values,
        values.map((_, i) => String(Math.floor(i / 10))),
        seed,
      );
      if (low <= 0.75 && 0.75 <= high) covered++;
    }
    // 95 % of 200 less what percentiles lose with 40 groups; binomial standard deviation 3.1.
    expect(covered).toBeGreaterThan(178);
  });

  it("is the same with the same seed, and everything where there is one group", () => {
    const names = right.map((_, i) => String(i % 50));
    expect(groupInterval(right, names, 3)).toEqual(groupInterval(right, names, 3));
    expect(groupInterval([0, 1, 1, 1], Array(4).fill("one"), 0)).toEqual({ mean: 0.75, low: 0, high: 1 });
  });
});
