/** Groups of samples that must stay together, as what each holds of every class. */

export interface SampleGroup {
  /** Indices of its samples, ascending. */
  readonly members: readonly number[];
  /** Samples by label. */
  readonly counts: ReadonlyMap<number, number>;
}

/** The groups in the order of their first samples; `groups` [labels.length] names the group of each. */
export function gatherGroups(labels: readonly number[], groups: readonly string[]): SampleGroup[] {
  if (groups.length !== labels.length) {
    throw new Error(`internal: ${labels.length} labels, but ${groups.length} groups`);
  }
  const gathered = new Map<string, { members: number[]; counts: Map<number, number> }>();
  for (const [index, name] of groups.entries()) {
    const group = gathered.get(name) ?? { members: [], counts: new Map<number, number>() };
    gathered.set(name, group);
    group.members.push(index);
    const label = labels[index]!;
    group.counts.set(label, (group.counts.get(label) ?? 0) + 1);
  }
  return [...gathered.values()];
}

/**
 * Holds a division against its promise: no group on two sides. `sides` [groups.length].
 * Throws a plain `Error`, as for every broken invariant of ours.
 */
export function assertUndivided(groups: readonly string[], sides: readonly (string | number)[]): void {
  const sideOf = new Map<string, string | number>();
  for (const [index, name] of groups.entries()) {
    const first = sideOf.get(name);
    if (first === undefined) sideOf.set(name, sides[index]!);
    else if (first !== sides[index]) {
      throw new Error(`internal: group "${name}" is on two sides, ${first} and ${sides[index]}`);
    }
  }
}
