import { describe, expect, it } from "vitest";
import { countTicks, logTicks, niceTicks, showValue, wholeTicks } from "./value-ticks.js";

describe("values on axes", () => {
  it("count images from 0 in whole steps, up to the most or a little beyond", () => {
    expect(countTicks(0)).toEqual([0, 1]);
    expect(countTicks(1)).toEqual([0, 1]);
    expect(countTicks(3)).toEqual([0, 1, 2, 3]);
    expect(countTicks(79)).toEqual([0, 20, 40, 60, 80]);
    expect(countTicks(100_000)).toEqual([0, 50_000, 100_000]);
    for (let most = 0; most < 5000; most += 7) {
      const ticks = countTicks(most);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });

  it("count epochs within their range", () => {
    expect(wholeTicks(1, 1)).toEqual([1]);
    expect(wholeTicks(1, 12)).toEqual([5, 10]);
    expect(wholeTicks(1, 400)).toEqual([100, 200, 300, 400]);
  });

  it("enclose what is measured", () => {
    expect(niceTicks(0.6, 1)).toEqual([0.6, 0.7, 0.8, 0.9, 1]);
    expect(niceTicks(0, 0.001, 2)).toEqual([0, 0.0005, 0.001]);
    expect(niceTicks(1, 1)).toEqual([1, 1.05, 1.1]);
    expect(niceTicks(0, 0)[0]).toBe(0);
    for (const [low, high] of [
      [0.02499, 0.0275],
      [3, 1000.5],
      [-2, 7],
    ] as const) {
      const ticks = niceTicks(low, high);
      expect(ticks[0]).toBeLessThanOrEqual(low);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(high);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });

  it("are powers of ten where losses differ by much", () => {
    expect(logTicks(0.02, 2)).toEqual([0.1, 1]);
    expect(logTicks(0.1, 5)).toEqual([0.1, 0.2, 0.5, 1, 2, 5]);
    expect(logTicks(1e-9, 10).length).toBeLessThanOrEqual(7);
  });

  it("are written as people write them", () => {
    expect([0, 0.0005, 0.00002, 0.1 + 0.2, 20_000, -1.5].map(showValue)).toEqual([
      "0",
      "0.0005",
      "2e−5",
      "0.3",
      "20,000",
      "−1.5",
    ]);
  });
});
