import { expect, it } from "vitest";
import { withMemoryLimit } from "./hdf5-memory-limit.js";

// What `hdf5-memory-limit.ts` uses of it; Node has more.
declare const WebAssembly: { Memory: new (size: { initial: number }) => { grow(pages: number): number } };

it("lets memory grow up to the limit, not beyond, and without limit afterwards", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  withMemoryLimit(3 * 65_536, () => {
    expect(memory.grow(2)).toBe(1);
    expect(() => memory.grow(1)).toThrow("more memory than a sound file needs");
  });
  expect(memory.grow(1)).toBe(3);
});

it("lifts the limit when the reading fails", () => {
  const fail = () => {
    throw new Error("damaged");
  };
  expect(() => withMemoryLimit(0, fail)).toThrow("damaged");
  expect(new WebAssembly.Memory({ initial: 1 }).grow(1)).toBe(1);
});
