import { SeededRandom } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { mutualNeighbours } from "./mutual-neighbours.js";

const columns = 24;

/** Rows of noise; of `near`, each becomes that row and a little noise. */
function rows(count: number, near: readonly (readonly [row: number, like: number])[] = []): Float32Array {
  const random = new SeededRandom(count, "rows");
  const values = Float32Array.from({ length: count * columns }, () => 3 + random.next());
  for (const [row, like] of near) {
    for (let c = 0; c < columns; c++) values[row * columns + c] = values[like * columns + c]! + 0.05 * random.next();
  }
  return values;
}

/** By the definition, all with all in float64. */
function directly(values: Float32Array) {
  const count = values.length / columns;
  const mean = Array.from({ length: columns }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i * columns + c]!;
    return sum / count;
  });
  const row = (i: number) => mean.map((m, c) => values[i * columns + c]! - m);
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, c) => sum + v * b[c]!, 0);
  const cosine = (i: number, j: number) => {
    const [a, b] = [row(i), row(j)];
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  };
  const others = Array.from({ length: count }, (_, i) => {
    const all = Array.from({ length: count }, (_, j) => ({ j, distance: 1 - cosine(i, j) })).filter(({ j }) => j !== i);
    return all.sort((a, b) => a.distance - b.distance);
  });
  const ratio = (i: number) => others[i]![0]!.distance / others[i]![1]!.distance;
  const pairs = others.flatMap(([nearest], a) => {
    const b = nearest!.j;
    if (a > b || others[b]![0]!.j !== a) return [];
    return [{ a, b, cosine: cosine(a, b), ratio: Math.max(ratio(a), ratio(b)) }];
  });
  return pairs.sort((p, q) => p.ratio - q.ratio);
}

describe("mutual neighbours", () => {
  // 1e-5: rows are normalised to float32.
  it.each([2, 3, 4, 5, 17, 70])("of %i rows are those of the definition", async (count) => {
    const values = rows(count, count > 4 ? [[count - 1, 1]] : []);
    const pairs = await mutualNeighbours(values, columns);
    if (count === 2) return expect(pairs).toMatchObject([{ a: 0, b: 1, ratio: 1 }]); // there is no third
    const expected = directly(values).map((pair) => {
      return { ...pair, cosine: expect.closeTo(pair.cosine, 5), ratio: expect.closeTo(pair.ratio, 5) };
    });
    expect(pairs).toEqual(expected);
  });

  it("are far nearer to each other than to a third only where two show the same", async () => {
    const pairs = await mutualNeighbours(
      rows(60, [
        [31, 4],
        [59, 58],
      ]),
      columns,
    );
    expect(
      pairs
        .filter(({ ratio }) => ratio < 0.5)
        .map(({ a, b }) => [a, b])
        .sort(),
    ).toEqual([
      [4, 31],
      [58, 59],
    ]);
  });

  it("are not made of three of a kind, nor of rows that are equal or zero", async () => {
    for (const values of [
      rows(40, [
        [1, 0],
        [2, 0],
      ]),
      new Float32Array(40 * columns),
      new Float32Array(5 * columns).fill(7),
    ]) {
      expect((await mutualNeighbours(values, columns)).filter(({ ratio }) => ratio < 0.3)).toEqual([]);
    }
    expect(await mutualNeighbours(new Float32Array(), columns)).toEqual([]);
    expect(await mutualNeighbours(rows(1), columns)).toEqual([]);
  });

  it("stop when they are told to", async () => {
    await expect(mutualNeighbours(rows(200), columns, AbortSignal.abort(new Error("enough")))).rejects.toThrow(
      "enough",
    );
  });
});
