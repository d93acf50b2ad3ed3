/** Proposes which images belong together, from their file names. */
import type { DatasetImage } from "./dataset.js";
import { isCounter, readTokens } from "./name-tokens.js";

export interface GroupProposal {
  /** What makes a group, for people: `the 1st part of the name, such as "4693"`. */
  readonly what: string;
  /** The same as a regular expression for `--group`; absent where it takes more than that. */
  readonly pattern?: string;
  /** [images.length] */
  readonly groups: readonly string[];
  readonly count: number; // of groups
}

type Image = Pick<DatasetImage, "relative" | "label">;

/** A part of a name, and what divides it from the next, as `readTokens` does; no blank, where a terminal breaks lines. */
const word = String.raw`[^/_.\s-]+`;
const gap = String.raw`[_.\s-]+`;

/** Fewer groups cannot be folded, and would hardly be patients. */
const fewest = 5;

/** Images of a group in the mean; with fewer, most are alone and nothing is gained. */
const leastMean = 1.5;

/**
 * Proposals, the likeliest first; none if names tell nothing. A part of the name (between `_`, `-`, `.` and spaces) or
 * a folder below the class is proposed if several images share it, it does not follow from the class, and it does not
 * just count; else images with consecutive numbers after the same name, frames of one scene.
 */
export function proposeGroups(images: readonly Image[]): GroupProposal[] {
  if (images.length === 0) return [];
  const tokens = images.map(({ relative }) => readTokens(relative));
  const proposals: GroupProposal[] = [];
  const folders = tokens.map(({ folder }) => folder);
  if (!folders.includes("")) {
    proposals.push(...propose(images, folders, { what: "the folder below the class", pattern: "([^/]+)/[^/]+$" }));
  }
  const parts = Math.min(...tokens.map(({ parts }) => parts.length));
  for (let part = 0; part < parts; part++) {
    const values = tokens.map((token) => token.parts[part]!);
    const last = values.filter((_, i) => tokens[i]!.parts.length === part + 1);
    if (2 * last.length > values.length && isCounter(last)) continue;
    const skipped = part === 0 ? "" : `(?:${word}${gap})${part === 1 ? "" : `{${part}}`}`;
    const what = `part ${part + 1} of the file name, such as "${values[0]}"`;
    proposals.push(...propose(images, values, { what, pattern: `(?:^|/)${skipped}(${word})[^/]*$` }));
  }
  const runs = consecutiveRuns(tokens);
  return [
    ...proposals,
    ...propose(images, runs, { what: "the same name with consecutive numbers: frames of a scene" }),
  ];
}

function propose(
  images: readonly Image[],
  groups: readonly string[],
  how: Pick<GroupProposal, "what" | "pattern">,
): GroupProposal[] {
  return isWorthGrouping(images, groups) ? [{ ...how, groups, count: new Set(groups).size }] : [];
}

/** Whether there are several to put on each side of a split, and enough images are with others; `groups` [images.length]. */
export function isWorthGrouping(images: readonly Pick<Image, "label">[], groups: readonly string[]): boolean {
  return canDivide(images, groups) && images.length / new Set(groups).size >= leastMean;
}

/** Whether the groups are enough to be divided, and not another name for the classes; `groups` [images.length]. */
export function canDivide(images: readonly Pick<Image, "label">[], groups: readonly string[]): boolean {
  const count = new Set(groups).size;
  const classes = new Set(images.map(({ label }) => label)).size;
  const perClass = new Set(images.map(({ label }, i) => `${label} ${groups[i]}`)).size;
  // As many as classes, each in one: a name for the class.
  const followsFromClass = count <= classes && perClass <= Math.max(count, classes);
  return count >= fewest && !followsFromClass;
}

/** The name before the number, and the first of the numbers that follow each other without a gap, in one folder. */
function consecutiveRuns(tokens: readonly ReturnType<typeof readTokens>[]): string[] {
  const order = tokens
    .map(({ place, stem, number }, index) => ({ index, key: `${place}/${stem}`, number }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.number - b.number));
  const groups = new Array<string>(tokens.length).fill("");
  let [key, last, first] = ["", Number.NaN, Number.NaN];
  for (const image of order) {
    if (image.key !== key || image.number !== last + 1) first = image.number;
    [key, last] = [image.key, image.number];
    groups[image.index] = `${key} ${Number.isNaN(first) ? image.index : first}`;
  }
  return groups;
}
