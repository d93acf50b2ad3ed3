import { describe, expect, it } from "vitest";
import { sizeOf, type Tensor } from "../../graph/tensor.js";
import { SeededRandom } from "../../seeded-random.js";
import { foldedStem, type Order, plainVariable, scaledVariable, type TrainedVariable } from "./trained-variable.js";

const random = new SeededRandom(5, "trained variables");
const draw = (...shape: number[]): Tensor => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
});

/** Backwards, with two zeros behind: some order that is not the model's. */
const backwards = (shape: readonly number[]): Order => ({
  allocate: (length) => new Float32Array(length),
  pack: ({ data }) => Float32Array.of(...[...data].reverse(), 0, 0),
  unpack: (packed) => ({ shape, data: packed.slice(0, -2).reverse() }),
});
/** Of a stem the graph reads two planes. */
const stemOrder: Order = {
  allocate: (length) => new Float32Array(length),
  pack: ({ data }) => Float32Array.of(...[...data].reverse(), 0),
  unpack: (packed) => ({ shape: [4, 2, 3, 3], data: packed.slice(0, -1).reverse() }),
};

const scale = [0.5, 2, -1, 3];
const factors = [
  [0.2, 0.3, 0.5],
  [1, -1, 0.25],
];
const stem = draw(4, 3, 3, 3);
const kernel = draw(4, 2, 3, 3);

const variables: readonly [string, Tensor, TrainedVariable][] = [
  ["a plain weight", kernel, plainVariable(kernel, backwards(kernel.shape))],
  ["a kernel before a normalization", kernel, scaledVariable(kernel, scale, backwards(kernel.shape))],
  ["a stem that reads planes of gray", stem, foldedStem(stem, scale, factors, stemOrder)],
];

describe.each(variables)("%s", (title, weight, variable) => {
  it("is what the model holds, in an order of its own", () => {
    expect(variable.unpack(variable.values)).toEqual(weight);
    expect(variable.pack(weight)).toEqual(variable.values);
  });

  it("gives the graph what it reads, from the start", () => {
    const before = variable.input.slice();
    variable.publish();
    expect(variable.input).toEqual(before);
    const order = title.includes("stem") ? stemOrder : backwards(weight.shape);
    const { data } = order.unpack(variable.input);
    for (const [i, value] of expectedInput(title, weight).entries()) expect(data[i]).toBeCloseTo(value, 5);
  });

  it("pulls a gradient back by the transpose of what it publishes: ⟨g, publish(v)⟩ = ⟨back(g), v⟩", () => {
    const values = Float32Array.from(variable.values, (value) => (value === 0 ? 0 : random.normal()));
    const gradient = Float32Array.from(variable.input, () => random.normal());
    variable.publish(values);
    const forward = dot(gradient, variable.input);
    const { factors } = variable;
    expect(factors).toHaveLength(variable.values.length);
    const back = variable.pullBack?.(gradient) ?? gradient.map((value, i) => value * factors[i]!);
    expect(back).toHaveLength(values.length);
    expect(dot(back, values)).toBeCloseTo(forward, 4); // float32 sums of a hundred terms
    variable.publish();
  });
});

function expectedInput(title: string, { shape, data }: Tensor): number[] {
  if (title.includes("plain")) return [...data];
  const perFilter = data.length / shape[0]!;
  if (title.includes("kernel")) return [...data].map((value, i) => value * scale[Math.floor(i / perFilter)]!);
  const at = (m: number, c: number, t: number) => data[(m * 3 + c) * 9 + t]!;
  return scale.flatMap((factor, m) =>
    factors.flatMap((shares) =>
      Array.from({ length: 9 }, (_, t) => factor * shares.reduce((sum, share, c) => sum + share * at(m, c, t), 0)),
    ),
  );
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

it("does not change the weight that it began with", () => {
  const weight = draw(2, 1, 1, 1);
  const variable = plainVariable(weight, {
    allocate: (length) => new Float32Array(length),
    pack: ({ data }) => data,
    unpack: (data) => ({ shape: weight.shape, data }),
  });
  const before = weight.data.slice();
  variable.values[0]! += 1;
  variable.publish();
  expect(weight.data).toEqual(before);
});
