import { hostOfOne, type MovedVariable, type OptimizerChoice, type TrainingHost } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { hostOfTwo } from "./trainer-host.js";

const sizes = [5, 70_000, 1, 150_000, 90_000];

/** Any numbers, the same in each run. */
const numbers = (length: number, from: number) => Float32Array.from({ length }, (_, i) => Math.sin(from + 0.37 * i));

/** Everything after three updates. */
async function trained(host: TrainingHost, choice: OptimizerChoice) {
  const variables = sizes.map((size, n): MovedVariable => {
    const allocated = (from: number) => {
      const values = host.allocate(size);
      values.set(numbers(size, from));
      return values;
    };
    const moments = (choice.optimizer === "sgd" ? 1 : 2) * (choice.momentum === 0 ? 0 : 1);
    return {
      values: allocated(n),
      factors: allocated(n + 0.5),
      moments: Array.from({ length: moments }, () => host.allocate(size)),
      average: allocated(n),
      part: 1 - n / 10,
      decays: n % 2 === 0,
    };
  });
  const mover = await host.open(variables, choice);
  let published: Float32Array[] = sizes.map((size) => new Float32Array(size));
  const squares: (readonly number[])[] = [];
  for (const number of [1, 2, 3]) {
    const steps = sizes.map((size, n) => ({ gradient: numbers(size, n + number), published: published[n]! }));
    const moved = await mover.move(steps, { number, rate: 0.01, kept: 0.5, limit: { factor: 0.5, most: 0.4 } });
    published = [...moved.published];
    squares.push(moved.squares);
  }
  await mover.close();
  return { variables, published, squares };
}

describe("hostOfTwo", () => {
  it.each([
    { optimizer: "adamw", weightDecay: 0.1 },
    { optimizer: "adam" },
    { optimizer: "sgd", momentum: 0.9, weightDecay: 0.1 },
    { optimizer: "sgd", momentum: 0 },
  ] as const)("moves variables to the same bytes as one thread: %o", async (choice) => {
    const [two, one] = [await trained(hostOfTwo, choice), await trained(hostOfOne, choice)];
    expect(two.squares).toEqual(one.squares);
    for (const [n] of sizes.entries()) {
      expect(two.published[n]!.every((value, i) => Object.is(value, one.published[n]![i]))).toBe(true);
      expect(Buffer.compare(bytes(two.variables[n]!), bytes(one.variables[n]!))).toBe(0);
    }
    expect(one.variables[3]!.values[7]).not.toBe(numbers(8, 3)[7]);
  });

  it("tells when its second thread is gone", async () => {
    const values = hostOfTwo.allocate(400_000);
    const variable = { values, factors: values, moments: [], part: 1, decays: false };
    const mover = await hostOfTwo.open([variable, variable], { optimizer: "sgd" });
    await mover.close();
    const step = () => ({ gradient: new Float32Array(400_000), published: new Float32Array(400_000) });
    const moved = mover.move([step(), step()], { number: 1, rate: 1, kept: 0, limit: { factor: 1, most: 1 } });
    await expect(moved).rejects.toThrow("the second thread of the training has ended");
  });
});

const bytes = ({ values, moments, average }: MovedVariable) =>
  Buffer.concat([values, ...moments, average!].map((array) => Buffer.from(array.slice().buffer)));
