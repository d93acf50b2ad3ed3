/** All that tells which pictures belong together, by what it is, for the findings and for the list of groups. */
import { canDivide, isWorthGrouping, proposeGroups } from "../dataset/propose-groups.js";
import { findBursts } from "./bursts.js";
import { exactDuplicates, nearDuplicates } from "./duplicate-groups.js";
import { groupBy } from "./group-by.js";
import { type Inspection, isReadable, type ReadablePicture, readable } from "./inspected-file.js";
import { findScenes } from "./scenes.js";

export interface NamedGroup {
  /** "patient 3fa2b1c09d" */
  readonly name: string;
  readonly files: readonly ReadablePicture[];
}

/** Patients, or studies where no patients are told, as DICOM headers name them; pictures without are left out. */
export function groupsByDicom(
  files: readonly ReadablePicture[],
): { what: "patient" | "study"; groups: NamedGroup[] } | undefined {
  for (const what of ["patient", "study"] as const) {
    const byId = groupBy(files, ({ origin }) => origin?.[what]);
    const names = files.map(({ origin }, i) => origin?.[what] ?? `own ${i}`);
    if (byId.size < 2 || !isWorthGrouping(files.map(labelled), names)) continue;
    const groups = [...byId].flatMap(([id, some]) =>
      id === undefined ? [] : [{ name: `${what} ${id}`, files: some }],
    );
    return { what, groups };
  }
  return undefined;
}

/** The likeliest proposal by names, with its pattern. */
export function groupsByNames(files: readonly ReadablePicture[]) {
  const [found] = proposeGroups(files.map(labelled));
  if (!found?.pattern) return undefined; // of consecutive numbers, `findScenes` also asks whether they look alike
  const { pattern, what, groups } = found;
  const byName = groupBy(files.keys(), (i) => groups[i]!);
  const named = [...byName].map(([name, own]): NamedGroup => ({ name, files: own.map((i) => files[i]!) }));
  return { pattern, what, groups: named };
}

/** Bursts, unless they are the classes: each photographed in one go. */
export function groupsByTime(files: readonly ReadablePicture[]): readonly (readonly ReadablePicture[])[] {
  const bursts = findBursts(files);
  const names = new Map(bursts.flatMap((burst, i) => burst.map((file) => [file, `burst ${i}`] as const)));
  const groups = files.map((file, i) => names.get(file) ?? `own ${i}`);
  return canDivide(files.map(labelled), groups) ? bursts : [];
}

const labelled = ({ relative, label }: ReadablePicture) => ({ relative, label: label ?? -1 });

export interface GroupSource {
  /** For people: "patients in DICOM headers". */
  readonly what: string;
  readonly groups: readonly (readonly ReadablePicture[])[];
  /** Names of the groups, where there are any. */
  readonly names?: readonly string[];
}

/** Everything that is found; those of identifiers, or else of names, first. */
export function groupSources(inspection: Inspection): GroupSource[] {
  const files = readable(inspection);
  const dicom = groupsByDicom(files);
  const names = dicom ? undefined : groupsByNames(files);
  const copies = exactDuplicates(inspection).map((group) => group.files.filter(isReadable));
  const all: GroupSource[] = [
    ...(dicom ? [named(`${dicom.what === "patient" ? "patients" : "studies"} of DICOM headers`, dicom.groups)] : []),
    ...(names ? [named(names.what, names.groups)] : []),
    { what: "consecutive numbers that look alike", groups: findScenes(files)?.runs ?? [] },
    { what: "times of capture", groups: groupsByTime(files) },
    { what: "nearly the same picture", groups: nearDuplicates(inspection).map((group) => group.files) },
    { what: "the same bytes", groups: copies },
  ];
  return all.filter(({ groups }) => groups.length > 0);
}

const named = (what: string, groups: readonly NamedGroup[]): GroupSource => ({
  what,
  groups: groups.map(({ files }) => files),
  names: groups.map(({ name }) => name),
});
