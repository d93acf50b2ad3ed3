/** Groups that must stay on one side of a split: by name, and by consecutive pictures that look alike. */
import { counted } from "../../terminal/counted.js";
import type { Check } from "../finding.js";
import { readable } from "../inspected-file.js";
import { groupsByNames } from "../proposed-groups.js";
import { findScenes } from "../scenes.js";

export const whyGroups =
  "A random split puts pictures of one group on both sides. The network then knows the patient, the writer or the scene, and the measured accuracy is better than on new ones.";

/** Of files that do not name their groups as a pattern can. */
export const howToGroup =
  "Write them into a list, look at it, and train on it: grayling check <folder> --groups groups.csv, then grayling train groups.csv.";

/** "2 to 9 pictures" */
export function sizesOf(groups: readonly (readonly unknown[])[]): string {
  const sizes = groups.map(({ length }) => length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return `${least === most ? least : `${least} to ${most}`} ${most === 1 ? "picture" : "pictures"}`;
}

export const groupsByName: Check = {
  name: "groups-by-name",
  find: (inspection) => {
    const found = groupsByNames(readable(inspection));
    if (!found) return [];
    const { what, pattern, groups } = found;
    return [
      {
        severity: "warning",
        title: `file names tell ${counted(groups.length, "group")} of ${sizesOf(groups.map(({ files }) => files))}: ${what}`,
        why: whyGroups,
        todo: `If these are patients, writers, parts or scenes: --group '${pattern}' keeps each on one side.`,
        groups: [],
      },
    ];
  },
};

export const groupsByScene: Check = {
  name: "groups-by-scene",
  find: (inspection) => {
    const found = findScenes(readable(inspection));
    if (!found) return [];
    const { neighbours, others, runs } = found;
    const alike = `thumbnails of neighbours correlate ${neighbours.toFixed(2)}, of others ${others.toFixed(2)}`;
    return [
      {
        severity: "warning",
        title: `consecutive numbers look alike, as frames of ${counted(runs.length, "scene")} do: ${alike}`,
        why: whyGroups,
        todo: howToGroup,
        groups: runs.map((run, i) =>
          run.map((file) => ({ file, detail: `scene ${i + 1}`, suggestion: `group: scene-${i + 1}` })),
        ),
      },
    ];
  },
};
