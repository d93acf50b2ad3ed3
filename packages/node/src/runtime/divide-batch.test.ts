import type { NamedTensors, Session } from "@grayling/core";
import { describe, expect, it, vi } from "vitest";
import { divideBatch } from "./divide-batch.js";

/** Doubles its input, later the more rows it has; remembers how many rows it was given. */
function double(given: number[]): Session {
  return {
    bind: async () => {},
    run: async ({ x }: NamedTensors) => {
      given.push(x!.shape[0]!);
      await new Promise((resolve) => setTimeout(resolve, x!.shape[0]));
      return { y: { shape: x!.shape, data: x!.data.map((value) => 2 * value) } };
    },
    release: async () => {},
  };
}

const rows = (count: number) => ({
  shape: [count, 2, 3],
  data: Float32Array.from({ length: count * 6 }, (_, i) => i),
});

describe("a batch divided among sessions", () => {
  it.each([
    [1, 3, [1]],
    [2, 3, [1, 1]],
    [7, 3, [2, 2, 3]],
    [9, 3, [3, 3, 3]],
    [5, 1, [5]],
  ])("of %i rows among %i gives the rows in order", async (count, sessions, parts) => {
    const given: number[] = [];
    const divided = divideBatch(Array.from({ length: sessions }, () => double(given)));
    const x = rows(count);
    const outputs = await divided.run({ x });
    expect(outputs).toEqual({ y: { shape: [count, 2, 3], data: x.data.map((value) => 2 * value) } });
    expect(given).toEqual(parts);
  });

  it("begins with another session each time, so that batches of one keep all of them busy", async () => {
    const given: number[][] = [[], [], []];
    const divided = divideBatch(given.map(double));
    await Promise.all([1, 1, 1, 1].map((count) => divided.run({ x: rows(count) })));
    expect(given).toEqual([[1, 1], [1], [1]]);
  });

  it("binds and releases all", async () => {
    const sessions = [double([]), double([])];
    const spies = sessions.map((session) => [vi.spyOn(session, "bind"), vi.spyOn(session, "release")] as const);
    const divided = divideBatch(sessions);
    const inputs = { w: rows(1) };
    await divided.bind(inputs);
    await divided.release();
    for (const [bind, release] of spies) {
      expect(bind).toHaveBeenCalledWith(inputs);
      expect(release).toHaveBeenCalledOnce();
    }
  });

  it("refuses inputs of unequal batches", async () => {
    const run = divideBatch([double([])]).run({ x: rows(2), y: rows(3) });
    await expect(run).rejects.toThrow("internal: a batch needs as many rows in every input, got 2, 3");
  });
});
