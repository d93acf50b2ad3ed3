import { describe, expect, it } from "vitest";
import { type FindRateOptions, findRate, proposeRate, type TriedRate } from "./find-rate.js";

const rows = {
  labels: Array.from({ length: 10 }, (_, i) => i % 2),
  read: async (taken: readonly number[]) => ({ shape: [taken.length, 1], data: Float32Array.from(taken) }),
};
const options: FindRateOptions = {
  ...{ lowest: 1e-6, highest: 1, steps: 60, batch: 4, labelSmoothing: 0, classWeights: [1, 1], seed: 0 },
};

/** A trainer whose loss is a function of the rate of the step before. */
const trainer = (lossAfter: (rate: number) => number) => {
  let loss = 2;
  return {
    async learn(_: unknown, rate: number) {
      const before = loss;
      loss = lossAfter(rate);
      return { loss: before, logits: new Float32Array(), norms: { global: 1, largest: "" } };
    },
  };
};

const all = async (lossAfter: (rate: number) => number, more: Partial<FindRateOptions> = {}) => {
  const tried: TriedRate[] = [];
  for await (const each of findRate(trainer(lossAfter), rows, { ...options, ...more })) tried.push(each);
  return tried;
};

describe("findRate", () => {
  it("goes up by one factor a step, over whole batches, and stops where the loss runs away", async () => {
    const tried = await all((rate) => (rate < 1e-2 ? 2 - 0.2 * Math.log10(rate / 1e-6) : 1000));
    const factors = tried.slice(1).map(({ rate }, i) => rate / tried[i]!.rate);
    for (const factor of factors) expect(factor).toBeCloseTo((1 / 1e-6) ** (1 / 59), 9);
    expect(tried.length).toBeLessThan(60);
    expect(tried.at(-1)!.rate).toBeLessThan(0.05);
    const proposed = proposeRate(tried)!;
    expect(proposed).toBeGreaterThan(2e-4);
    expect(proposed).toBeLessThan(2e-3); // a tenth of 1e-2, a step late
  });

  it("smooths without the bias of its begin: a constant loss stays what it is", async () => {
    const tried = await all(() => 2);
    expect(tried).toHaveLength(60);
    for (const { smoothed } of tried) expect(smoothed).toBeCloseTo(2, 10);
    expect(proposeRate(tried)).toBeUndefined();
  });

  it("tries the lowest rate where it may try but one", async () => {
    expect((await all(() => 1, { steps: 1 })).map(({ rate }) => rate)).toEqual([1e-6]);
  });

  it("ends at a loss that is no number", async () => {
    const tried = await all((rate) => (rate > 1e-4 ? Number.NaN : 1));
    expect(tried.at(-1)!.rate).toBeLessThan(2e-4);
    expect(proposeRate([])).toBeUndefined();
  });
});
