/** The pictures of a folder in a few lines: how many, how large, how stored, how bright. */
import { grouped, isFloat } from "@grayling/core";
import { counted } from "../terminal/counted.js";
import { byFrequency } from "./group-by.js";
import { brightness, type Inspection, type Picture, type ReadablePicture, readable } from "./inspected-file.js";

/** Name and value of each fact; the classes alone where nothing is readable. */
export function overview(inspection: Inspection): (readonly [name: string, value: string])[] {
  const files = readable(inspection);
  const { classes, ignored } = inspection;
  const others = ignored === 0 ? "" : `; ${counted(ignored, "other file")} ignored`;
  const ofClasses = ["classes", `${grouped(classes.length)}${others}`] as const;
  if (files.length === 0) return [ofClasses];
  const levels = files.map(({ picture }) => brightness(picture)).sort((a, b) => a - b);
  const at = (part: number) => levels[Math.round(part * (levels.length - 1))]!.toFixed(0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    ofClasses,
    ["pictures", `${grouped(files.length)} of ${grouped(inspection.files.length)} readable, ${megabytes(bytes)}`],
    ["formats", commonest(files, ({ format }) => format.toUpperCase())],
    ["bit depths", commonest(files, ({ bitDepth, samples }) => `${bitDepth} ${isFloat(samples) ? "(float)" : "bit"}`)],
    ["sizes", commonest(files, ({ width, height }) => `${width} × ${height} px`)],
    ["mean level", `${at(0.5)}, from ${at(0)} to ${at(1)}`],
  ];
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** "PNG (1,562)", or the three commonest and how many others there are. */
function commonest(files: readonly ReadablePicture[], of: (picture: Picture) => string): string {
  const kinds = byFrequency(files, ({ picture }) => of(picture));
  if (kinds.length === 1) return `${kinds[0]![0]}, all`;
  const shown = kinds.slice(0, 3).map(([kind, some]) => `${kind} (${grouped(some.length)})`);
  const rest = kinds.slice(3).reduce((sum, [, some]) => sum + some.length, 0);
  return rest === 0 ? shown.join(", ") : `${shown.join(", ")}, ${kinds.length - 3} others (${grouped(rest)})`;
}
