/** Features of labelled images. */

export interface FeatureTable {
  /** [labels.length, columns], row major. */
  readonly values: Float32Array;
  readonly columns: number;
  readonly labels: readonly number[];
}

/** The rows for which `isWanted` holds, in order, copied. */
export function selectRows(
  { values, columns, labels }: FeatureTable,
  isWanted: (row: number) => boolean,
): FeatureTable {
  const rows = labels.map((_, row) => row).filter(isWanted);
  const selected = new Float32Array(rows.length * columns);
  for (const [to, row] of rows.entries())
    selected.set(values.subarray(row * columns, (row + 1) * columns), to * columns);
  return { values: selected, columns, labels: rows.map((row) => labels[row]!) };
}
