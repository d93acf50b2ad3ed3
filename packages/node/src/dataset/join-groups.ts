/** Joins groups that share something, such as a file with the same content. */
import { type Dataset, groupsOf } from "./dataset.js";

/**
 * The dataset in which an image is in the group of its `firstOf` [images], the first with the same content: what held
 * either of them before holds both. Groups of which nothing was copied keep their names.
 */
export function joinCopies(dataset: Dataset, firstOf: readonly number[]): Dataset {
  if (firstOf.every((first, index) => first === index)) return dataset;
  const names = groupsOf(dataset.images);
  const parent = new Map(names.map((name) => [name, name]));
  const rootOf = (name: string): string => {
    let root = name;
    while (parent.get(root)! !== root) root = parent.get(root)!;
    for (let at = name; at !== root; ) {
      const next = parent.get(at)!;
      parent.set(at, root); // so that long chains stay fast
      at = next;
    }
    return root;
  };
  for (const [index, first] of firstOf.entries()) parent.set(rootOf(names[index]!), rootOf(names[first]!));
  const sizes = new Map<string, number>();
  for (const name of names) sizes.set(rootOf(name), (sizes.get(rootOf(name)) ?? 0) + 1);
  const images = dataset.images.map((image, index) => {
    const root = rootOf(names[index]!);
    return sizes.get(root) === 1 && image.group === undefined ? image : { ...image, group: root.replace(/^\w+ /, "") };
  });
  const copies = images.filter(({ path }, index) => images[firstOf[index]!]!.path !== path).length; // pages are none
  return { ...dataset, images, ...(copies > 0 && { copies }) };
}
