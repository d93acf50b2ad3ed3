/** Joins groups that share something, such as a file with the same content. */
import { type Dataset, groupsOf } from "./dataset.js";
import { JoinedSets } from "./joined-sets.js";

/**
 * The dataset in which an image is in the group of its `firstOf` [images], the first with the same content: what held
 * either of them before holds both. Groups of which nothing was copied keep their names.
 */
export function joinCopies(dataset: Dataset, firstOf: readonly number[]): Dataset {
  if (firstOf.every((first, index) => first === index)) return dataset;
  const names = groupsOf(dataset.images);
  const sets = new JoinedSets(names.length);
  const firstOfName = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    sets.join(index, firstOf[index]!);
    const first = firstOfName.get(name);
    if (first === undefined) firstOfName.set(name, index);
    else sets.join(first, index);
  }
  const together = new Set(sets.groups().flat());
  const images = dataset.images.map((image, index) => {
    if (!together.has(index)) return image;
    return { ...image, group: names[sets.find(index)]!.replace(/^\w+ /, "") };
  });
  const copies = images.filter(({ path }, index) => images[firstOf[index]!]!.path !== path).length; // pages are none
  return { ...dataset, images, ...(copies > 0 && { copies }) };
}
