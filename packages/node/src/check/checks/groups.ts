/** Groups that must stay on one side of a split: by name, and by consecutive pictures that look alike. */
import { proposeGroups } from "../../dataset/propose-groups.js";
import { counted } from "../../terminal/counted.js";
import type { Check } from "../finding.js";
import { groupBy } from "../group-by.js";
import { readable } from "../inspected-file.js";

import { findScenes } from "../scenes.js";

const why =
  "A random split puts pictures of one group on both sides. The network then knows the patient, the writer or the scene, and the measured accuracy is better than on new ones.";

export const groupsByName: Check = {
  name: "groups-by-name",
  find: (inspection) => {
    const files = readable(inspection);
    if (files.length === 0) return [];
    const [found] = proposeGroups(files.map(({ relative, label }) => ({ relative, label: label ?? -1 })));
    if (!found?.pattern) return []; // of consecutive numbers, `groupsByScene` also asks whether they look alike
    const sizes = [...groupBy(found.groups, (group) => group).values()].map((some) => some.length);
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    return [
      {
        severity: "warning",
        title: `file names tell ${counted(found.count, "group")} of ${least === most ? least : `${least} to ${most}`} pictures: ${found.what}`,
        why,
        todo: `If these are patients, writers, parts or scenes: --group '${found.pattern}' keeps each on one side.`,
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
        why,
        todo: "Split by scene: put the scene's number into a CSV column `group`, or into the names.",
        groups: runs.map((run, i) =>
          run.map((file) => ({ file, detail: `scene ${i + 1}`, suggestion: `group: scene-${i + 1}` })),
        ),
      },
    ];
  },
};
