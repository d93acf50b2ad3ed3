/** Pictures of one folder that are stored in different ways. */
import { isFloat } from "@grayling/core";
import { counted } from "../../terminal/counted.js";
import type { Finding, QuickCheck } from "../finding.js";
import { byFrequency } from "../group-by.js";
import { type ReadablePicture, readable, type Stored } from "../inspected-file.js";

/** Shown of each; the rest is counted. */
const shown = 8;

export const mixedStorage: QuickCheck = {
  name: "mixed-storage",
  find: (inspection) => {
    const files = readable(inspection);
    return [
      ...mixed(files, "bit depths", ({ bitDepth, samples }) => `${bitDepth} bit${isFloat(samples) ? " float" : ""}`, {
        severity: "warning",
        why: "Cameras and exports differ, and so do noise and range: a network sees which machine a picture comes from.",
        todo: "Export all from the source in one depth, or choose one --window for all.",
      }),
      ...mixed(files, "aspect ratios", aspect, {
        severity: "note",
        why: "Stretched to one shape, pictures of another shape are distorted, and each shape in its own way.",
        todo: "If shapes matter, train with --fit letterbox or crop.",
      }),
      ...smaller(files),
    ];
  },
};

type Words = Pick<Finding, "severity" | "why" | "todo">;

function mixed(
  files: readonly ReadablePicture<Stored>[],
  what: string,
  of: (picture: Stored) => string,
  words: Words,
): Finding<never>[] {
  const kinds = byFrequency(files, ({ picture }) => of(picture));
  if (kinds.length < 2) return [];
  const rows = kinds.slice(0, shown).map(([kind, some]) => [kind, String(some.length)]);
  const rest = kinds.slice(shown).reduce((sum, [, some]) => sum + some.length, 0);
  const all = rest === 0 ? rows : [...rows, [`${kinds.length - shown} others`, String(rest)]];
  const list = all.slice(0, 3).map(([kind, count]) => `${kind} (${count})`);
  const more = kinds.length > 3 ? ", …" : "";
  return [
    {
      ...words,
      title: `${kinds.length} ${what}: ${list.join(", ")}${more}`,
      groups: [],
      table: [[what, "pictures"], ...all],
    },
  ];
}

/** To a twentieth, so that a pixel more or less is the same shape. */
const aspect = ({ width, height }: Stored): string => `${(Math.round((20 * width) / height) / 20).toFixed(2)} : 1`;

/** Below this a picture is enlarged many times for a network of 224 px. */
const smallSide = 32; // px

function smaller<P extends Stored>(files: readonly ReadablePicture<P>[]): Finding<P>[] {
  const small = files.filter(({ picture: { width, height } }) => Math.min(width, height) < smallSide);
  if (small.length === 0) return [];
  return [
    {
      severity: "note",
      title: `${counted(small.length, "picture")} with a side below ${smallSide} px`,
      why: "Enlarged to a network's input they are blurred: icons, cut-outs or exports gone wrong.",
      todo: "Look at them.",
      groups: small.map((file) => [
        { file, detail: `${file.picture.width} × ${file.picture.height} px`, suggestion: "decide: very small" },
      ]),
    },
  ];
}
