/** Files whose names say another format than their bytes. */
import { counted } from "../../terminal/counted.js";
import type { QuickCheck } from "../finding.js";
import { groupBy } from "../group-by.js";
import type { InspectedFile, Stored } from "../inspected-file.js";

/** The usual extensions of each format; the first is what to rename to. */
const extensions: ReadonlyMap<string, readonly string[]> = new Map([
  ["png", ["png"]],
  ["jpeg", ["jpg", "jpeg", "jpe", "jfif"]],
  ["webp", ["webp"]],
  ["tiff", ["tif", "tiff"]],
  ["gif", ["gif"]],
  ["bmp", ["bmp", "dib"]],
  ["dicom", ["dcm", "dicom"]],
]);

export const wrongExtension: QuickCheck = {
  name: "wrong-extension",
  find: ({ files }) => {
    const wrong = files.filter(isMisnamed);
    if (wrong.length === 0) return [];
    const kinds = [...groupBy(wrong, (file) => `${shown(file)} is ${file.content}`)];
    const most = kinds.map(([kind, some]) => `${kind} (${some.length})`).slice(0, 4);
    return [
      {
        severity: "note",
        title: `${counted(wrong.length, "file")} with an extension of another format: ${most.join(", ")}`,
        why: "grayling reads what the bytes say. Other programs trust the name, and skip or misread such files.",
        todo: "Rename them.",
        groups: wrong.map((file) => [
          {
            file,
            detail: `${file.content}, named ${shown(file)}`,
            suggestion: `rename: to .${extensions.get(formatOf(file))![0]}`,
          },
        ]),
      },
    ];
  },
};

const formatOf = ({ content }: InspectedFile<Stored>) => content?.toLowerCase() ?? "";

function isMisnamed(file: InspectedFile<Stored>): boolean {
  const usual = extensions.get(formatOf(file));
  return usual !== undefined && !usual.includes(extensionOf(file));
}

const extensionOf = ({ path }: InspectedFile<Stored>): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";

const shown = (file: InspectedFile<Stored>): string =>
  extensionOf(file) === "" ? "without one" : `.${extensionOf(file)}`;
