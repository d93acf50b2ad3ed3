/** A dataset as a CSV in which what belongs together has one group: `check --groups` writes it, `train` reads it. */
import { dirname, relative, resolve, sep } from "node:path";
import { InputError } from "@grayling/core";
import { JoinedSets } from "../dataset/joined-sets.js";
import { showPage } from "../dataset/paged-image.js";
import { toCsv } from "../run/csv.js";
import type { Alike } from "./alike-pictures.js";
import { type Inspection, type ReadablePicture, readable } from "./inspected-file.js";
import { type GroupSource, groupSources } from "./proposed-groups.js";

export interface GroupList {
  readonly csv: string;
  readonly pictures: number;
  readonly groups: number; // single pictures among them
  /** What told them, for people. */
  readonly sources: readonly string[];
}

/**
 * `path,label,group`, and `camera` where cameras are known, for a file at `target`: a row for every readable picture of a
 * class. Whatever two sources join is one group. Throws `InputError` where there are no classes.
 */
export function groupList(inspection: Inspection, target: string, alike?: Alike | undefined): GroupList {
  const files = readable(inspection).filter(({ label }) => label !== null);
  if (inspection.classes.length === 0 || files.length === 0) {
    throw new InputError(`check ${inspection.root}: no pictures in class folders, so a list of groups has no labels`);
  }
  const pairs = alike?.pairs.map(({ files }) => files) ?? [];
  const told = pairs.length > 0 ? [{ what: "what looks alike to a network", groups: pairs }] : [];
  const sources: readonly GroupSource[] = [...groupSources(inspection), ...told];
  const index = new Map(files.map((file, i) => [file, i]));
  const sets = new JoinedSets(files.length);
  const names = new Map<number, string>();
  for (const { groups, names: own } of sources) {
    for (const [g, group] of groups.entries()) {
      const [first, ...others] = group.flatMap((file) => index.get(file) ?? []);
      if (first === undefined) continue;
      for (const other of others) sets.join(first, other);
      if (own) for (const i of [first, ...others]) names.set(i, own[g]!);
    }
  }
  const folder = dirname(resolve(target));
  const groups = files.map((_, i) => sets.find(i));
  const hasCameras = files.some(({ origin }) => origin?.camera !== undefined);
  const rows = files.map((file, i) => [
    pathFrom(folder, file),
    inspection.classes[file.label ?? -1],
    names.get(groups[i]!) ?? files[groups[i]!]!.relative,
    ...(hasCameras ? [file.origin?.camera ?? "unknown"] : []),
  ]);
  const header = ["path", "label", "group", ...(hasCameras ? ["camera"] : [])];
  return {
    csv: toCsv(header, rows),
    pictures: files.length,
    groups: new Set(groups).size,
    sources: sources.map(({ what }) => what),
  };
}

const pathFrom = (folder: string, { path, page }: ReadablePicture): string =>
  showPage(relative(folder, path).split(sep).join("/"), page);
