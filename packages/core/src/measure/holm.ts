/** Several tests at once: of twenty pairs that do not differ one looks as if it did. */

/**
 * P-values as they count when all of them are looked at: the chance of even one false find among them stays below what each
 * is held against. In the order given.
 * Source: Holm 1979, "A simple sequentially rejective multiple test procedure"; as R's `p.adjust(method = "holm")`.
 */
export function holm(pValues: readonly number[]): number[] {
  const ascending = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
