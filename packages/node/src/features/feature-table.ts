/** Features of labelled images. */

export interface FeatureTable {
  /** [labels.length, columns], row major. */
  readonly values: Float32Array;
  readonly columns: number;
  readonly labels: readonly number[];
  /** [labels.length] Rows of one group are not held against each other; absent: each is a group of its own. */
  readonly groups?: readonly string[] | undefined;
}

/** The rows for which `isWanted` holds, in order, copied. */
export function selectRows(
  { values, columns, labels, groups }: FeatureTable,
  isWanted: (row: number) => boolean,
): FeatureTable {
  const rows = labels.map((_, row) => row).filter(isWanted);
  const selected = new Float32Array(rows.length * columns);
  for (const [to, row] of rows.entries())
    selected.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  const ofRows = <T>(list: readonly T[]) => rows.map((row) => list[row]!);
  return { values: selected, columns, labels: ofRows(labels), groups: groups && ofRows(groups) };
}
