import { setImmediate, setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mapInOrder } from "./map-in-order.js";

const items = Array.from({ length: 40 }, (_, i) => i);

describe("mapInOrder", () => {
  it("keeps the order of the items, whatever order the work ends in", async () => {
    const results: number[] = [];
    const work = async (item: number): Promise<number> => {
      await setTimeout((item * 7) % 5);
      return item * 2;
    };
    for await (const result of mapInOrder(items, work, { concurrency: 5, ahead: 9 })) results.push(result);
    expect(results).toEqual(items.map((item) => item * 2));
  });

  it("works on several at once, but never on more than asked for, and never further ahead", async () => {
    let [running, most, started, furthest, taken] = [0, 0, 0, 0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      furthest = Math.max(furthest, ++started - taken);
      await setImmediate();
      running--;
    };
    for await (const _ of mapInOrder(items, work, { concurrency: 3, ahead: 8 })) {
      await setTimeout(2); // the consumer is slower than the work
      taken++;
    }
    expect(most).toBe(3);
    expect(furthest).toBe(9); // 8 waiting and the one that the consumer holds
    expect(started).toBe(items.length);
  });

  it("throws an error in its place and starts nothing after it", async () => {
    const [results, started]: [number[], number[]] = [[], []];
    const work = async (item: number): Promise<number> => {
      started.push(item);
      await setImmediate();
      if (item === 6) throw new Error("sixth");
      return item;
    };
    const consume = async (): Promise<void> => {
      for await (const result of mapInOrder(items, work, { concurrency: 2, ahead: 4 })) results.push(result);
    };
    await expect(consume()).rejects.toThrow("sixth");
    expect(results).toEqual([0, 1, 2, 3, 4, 5]);
    const before = started.length;
    await setTimeout(5);
    expect(started.length).toBe(before);
    expect(before).toBeLessThan(12);
  });

  it("waits for what runs when the consumer stops early", async () => {
    let running = 0;
    const work = async (): Promise<void> => {
      running++;
      await setTimeout(5);
      running--;
    };
    for await (const _ of mapInOrder(items, work, { concurrency: 4, ahead: 4 })) break;
    expect(running).toBe(0);
  });

  it("yields nothing of nothing", async () => {
    const all = mapInOrder([], async () => 1, { concurrency: 2, ahead: 2 });
    expect(await all.next()).toEqual({ done: true, value: undefined });
  });
});
