import { describe, expect, it } from "vitest";
import { type EarlyStoppingRule, type EpochRecord, watchEpoch } from "./early-stopping.js";

const watchAll = (rule: EarlyStoppingRule, values: readonly number[]): EpochRecord[] => {
  const records: EpochRecord[] = [];
  for (const value of values) records.push(watchEpoch(rule, records.at(-1), value));
  return records;
};
const stops = (rule: EarlyStoppingRule, values: readonly number[]) => watchAll(rule, values).map(({ stop }) => stop);

describe("early stopping", () => {
  it("stops after `patience` epochs in a row without a better loss", () => {
    const records = watchAll({ better: "lower", patience: 2 }, [3, 2, 2.5, 1, 1, 1.5]);
    expect(records.map(({ stop }) => stop)).toEqual([false, false, false, false, false, true]);
    expect(records.at(-1)).toEqual({ epoch: 5, value: 1.5, bestEpoch: 3, best: 1, stop: true });
  });

  it("can want a higher value", () => {
    expect(stops({ better: "higher", patience: 1 }, [0.5, 0.6, 0.6])).toEqual([false, false, true]);
  });

  it("does not count an improvement that is too small, however often", () => {
    const records = watchAll({ better: "lower", patience: 3, minimumDelta: 0.1 }, [1, 0.95, 0.92, 0.89, 0.88]);
    expect(records.map(({ bestEpoch }) => bestEpoch)).toEqual([0, 0, 0, 3, 3]);
  });

  it("never takes NaN for the best, and stops a training that yields nothing else", () => {
    const records = watchAll({ better: "lower", patience: 2 }, [NaN, 5, NaN, NaN]);
    expect(records.map(({ bestEpoch, stop }) => [bestEpoch, stop])).toEqual([
      [-1, false],
      [1, false],
      [1, false],
      [1, true],
    ]);
    expect(stops({ better: "lower", patience: 2 }, [NaN, NaN])).toEqual([false, true]);
  });
});
