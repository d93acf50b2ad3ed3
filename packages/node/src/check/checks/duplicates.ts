/** The same picture more than once: within a class, in two classes, on both sides of a split. */
import { counted } from "../../terminal/counted.js";
import { type DuplicateGroup, exactDuplicates, isAcross, nearDuplicates } from "../duplicate-groups.js";
import type { Check, Concern, Finding } from "../finding.js";
import type { InspectedFile, Inspection } from "../inspected-file.js";

/** How copies were found, in words: of all of them, and of one group. */
interface Kind {
  readonly copies: string;
  readonly likeness: (group: DuplicateGroup) => string;
}

const exact: Kind = { copies: "the same file twice or more", likeness: () => "same bytes" };
const near: Kind = {
  copies: "nearly the same picture twice or more",
  likeness: ({ likeness }) => `thumbnails correlate ${likeness.toFixed(3)}`,
};

export const exactCopies: Check = {
  name: "duplicate",
  find: (inspection) => describe(exactDuplicates(inspection), exact, inspection),
};

export const nearCopies: Check = {
  name: "near-duplicate",
  find: (inspection) => describe(nearDuplicates(inspection), near, inspection),
};

function describe(groups: readonly DuplicateGroup[], kind: Kind, inspection: Inspection): Finding[] {
  const acrossClasses = groups.filter((group) => isAcross(group, ({ label }) => label));
  const acrossSplits = groups.filter((group) => isAcross(group, ({ split }) => split));
  const within = groups.filter((group) => !acrossClasses.includes(group) && !acrossSplits.includes(group));
  return [
    ...inClasses(acrossClasses, kind, inspection),
    ...inSplits(acrossSplits, kind),
    ...inOneClass(within, kind, inspection),
  ];
}

function inClasses(groups: readonly DuplicateGroup[], kind: Kind, { classes }: Inspection): Finding[] {
  if (groups.length === 0) return [];
  const pairs = groups.map(({ files }) => [...new Set(files.map(({ label }) => classes[label ?? -1] ?? "no class"))]);
  return [
    {
      severity: kind === exact ? "problem" : "warning",
      title: `in different classes: ${kind.copies}, ${counted(groups.length, "group")} (${examples(pairs)})`,
      why: "One of the labels must be wrong, or the classes overlap: no network can learn both, and accuracy has a ceiling.",
      todo: "Look at each group, keep the file where it belongs and exclude the others.",
      groups: groups.map((group) => concerns(group, kind, () => "decide: which class is right, exclude the others")),
    },
  ];
}

const examples = (pairs: readonly (readonly string[])[]): string =>
  [...new Set(pairs.map((names) => names.join(" and ")))].slice(0, 3).join("; ");

function inSplits(groups: readonly DuplicateGroup[], kind: Kind): Finding[] {
  if (groups.length === 0) return [];
  const side = ({ files }: DuplicateGroup) => files.find(({ split }) => split === "train");
  return [
    {
      severity: "problem",
      title: `in train and in val or test: ${kind.copies}, ${counted(groups.length, "group")}`,
      why: "The network is tested on what it was trained on, and the measured accuracy is better than the true one.",
      todo: "Exclude the copies outside train, or keep each group on one side.",
      groups: groups.map((group) =>
        concerns(group, kind, (file) =>
          file.split === "train"
            ? undefined
            : `exclude: also in train, as ${side(group)?.relative ?? group.files[0]!.relative}`,
        ),
      ),
    },
  ];
}

function inOneClass(groups: readonly DuplicateGroup[], kind: Kind, { files }: Inspection): Finding[] {
  if (groups.length === 0) return [];
  const copies = groups.reduce((sum, group) => sum + group.files.length - 1, 0);
  const isMuch = copies > files.length / 100;
  return [
    {
      severity: isMuch ? "warning" : "note",
      title: `${kind.copies}: ${counted(groups.length, "group")}, ${counted(copies, "file")} more than needed`,
      why: "A random split puts copies on both sides, so that validation asks for what was seen. They also count twice in training.",
      todo:
        kind === exact
          ? "Exclude all but one of each group."
          : "Frames of one scene: keep them, and split by group. Copies: exclude all but one.",
      groups: groups.map((group) =>
        concerns(group, kind, (file) =>
          file === group.files[0] ? undefined : suggestionWithin(kind, group.files[0]!.relative),
        ),
      ),
    },
  ];
}

const suggestionWithin = (kind: Kind, first: string): string =>
  kind === exact ? `exclude: the same as ${first}` : `decide: looks as ${first}; exclude, or keep both on one side`;

function concerns(
  group: DuplicateGroup,
  kind: Kind,
  suggest: (file: InspectedFile) => string | undefined,
): readonly Concern[] {
  return group.files.map((file) => ({ file, detail: kind.likeness(group), suggestion: suggest(file) }));
}
