/** Items by what they have in common. */

/** Keys in the order of their first item. As `Map.groupBy`, which Node 20 lacks: it can go with it. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** What items have in common and the items, the most frequent first; of equals the one that comes first. */
export const byFrequency = <Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): [Key, Item[]][] =>
  [...groupBy(items, keyOf)].sort(([, a], [, b]) => b.length - a.length);
