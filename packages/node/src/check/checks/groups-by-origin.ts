/** Groups that the files themselves tell: patients in DICOM headers, pictures that a camera took within seconds. */
import { grouped } from "@grayling/core";
import { counted } from "../../terminal/counted.js";
import { burstGap } from "../bursts.js";
import type { Check, Concern, Severity } from "../finding.js";
import { type ReadablePicture, readable } from "../inspected-file.js";
import { groupsByDicom, groupsByTime } from "../proposed-groups.js";
import { howToGroup, sizesOf, whyGroups } from "./groups.js";

export const groupsByPatient: Check = {
  name: "groups-by-patient",
  find: (inspection) => {
    const found = groupsByDicom(readable(inspection));
    if (!found) return [];
    const groups = found.groups.map(({ files }) => files);
    const { severity, divided } = judge(groups);
    const nouns = found.what === "patient" ? ["patient", "patients"] : ["study", "studies"];
    return [
      {
        severity,
        title: `DICOM headers tell ${grouped(groups.length)} ${nouns[groups.length === 1 ? 0 : 1]} of ${sizesOf(groups)}${divided}`,
        why: `${whyGroups} Named here by shortened hashes of their identifiers, which are not shown.`,
        todo: howToGroup,
        groups: found.groups.filter(({ files }) => files.length > 1).map(({ name, files }) => concerns(files, name)),
      },
    ];
  },
};

export const groupsByCapture: Check = {
  name: "groups-by-capture",
  find: (inspection) => {
    const bursts = groupsByTime(readable(inspection));
    if (bursts.length === 0) return [];
    const { severity, divided } = judge(bursts);
    return [
      {
        severity,
        title: `taken within ${burstGap} seconds of each other by one camera: ${counted(bursts.length, "burst")} of ${sizesOf(bursts)}${divided}`,
        why: whyGroups,
        todo: howToGroup,
        groups: bursts.map((burst, i) => concerns(burst, `burst ${i + 1}`)),
      },
    ];
  },
};

/** Worse where a ready-made split has divided them. */
function judge(groups: readonly (readonly ReadablePicture[])[]): { severity: Severity; divided: string } {
  const isDivided = (files: readonly ReadablePicture[]) => new Set(files.map(({ split }) => split)).size > 1;
  const count = groups.filter(isDivided).length;
  if (count === 0) return { severity: "warning", divided: "" };
  return { severity: "problem", divided: `, ${count} of them on two sides of the ready-made split` };
}

const concerns = (files: readonly ReadablePicture[], name: string): readonly Concern[] =>
  files.map((file) => ({ file, detail: name, suggestion: `group: ${name}` }));
