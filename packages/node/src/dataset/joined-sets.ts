/** Items that belong together, pair by pair. */

/** Disjoint sets of 0 … n − 1. Source: Tarjan 1975, Efficiency of a Good But Not Linear Set Union Algorithm. */
export class JoinedSets {
  readonly #parent: Int32Array;

  constructor(n: number) {
    this.#parent = Int32Array.from({ length: n }, (_, i) => i);
  }

  /** The representative of the set that holds `i`: its smallest item. */
  find(i: number): number {
    const parent = this.#parent;
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!; // halves the way for the next one
      i = parent[i]!;
    }
    return i;
  }

  join(i: number, j: number): void {
    const [a, b] = [this.find(i), this.find(j)];
    this.#parent[Math.max(a, b)] = Math.min(a, b);
  }

  /** The sets of two and more, items ascending, by their first item. */
  groups(): number[][] {
    const members = new Map<number, number[]>();
    for (let i = 0; i < this.#parent.length; i++) {
      const first = this.find(i);
      const list = members.get(first);
      if (list) list.push(i);
      else members.set(first, [i]);
    }
    return [...members.values()].filter((list) => list.length > 1);
  }
}
