/** An inspection of files that do not exist, for tests of what a check finds in it. */
import { createPictureMeasure } from "../check/inspect-picture.js";
import type { InspectedFile, Inspection, Picture } from "../check/inspected-file.js";

export interface MadeFile {
  /** "class/name.png"; below `train/`, `val/`, `test/` where the inspection is split. */
  readonly relative: string;
  readonly bytes?: number;
  readonly hash?: string;
  /** Why it does not decode; then it has no picture. */
  readonly reason?: string;
  readonly content?: string;
  readonly picture?: Partial<Picture>;
  /** Gray levels 0–255 by place, 0–1; default: stripes of their own for every file. */
  readonly level?: (x: number, y: number) => number;
}

/** Classes are the folders of the files, and `others`. */
export function madeInspection(made: readonly MadeFile[], others: readonly string[] = []): Inspection {
  const isSplit = made.every(({ relative }) => /^(train|val|test)\//.test(relative));
  const classOf = ({ relative }: MadeFile) => relative.split("/").slice(0, -1)[isSplit ? 1 : 0];
  const classes = [...new Set([...made.flatMap((file) => classOf(file) ?? []), ...others])].sort();
  const measure = createPictureMeasure();
  const files = made.map((file, i): InspectedFile => {
    const { relative, bytes = 1000, hash = `${i}`, reason = null, content = "png" } = file;
    const label = classes.indexOf(classOf(file) ?? "");
    const split = isSplit ? (relative.split("/")[0] as "train" | "val" | "test") : null; // just matched
    const place = { path: `/made/${relative}`, relative, label: label < 0 ? null : label, split };
    const picture = reason === null ? makePicture(measure, file, i) : null;
    return { ...place, bytes, hash, content, picture, reason };
  });
  return { root: "/made", classes, files, ignored: 0 };
}

function makePicture(measure: ReturnType<typeof createPictureMeasure>, file: MadeFile, i: number): Picture {
  const { level = stripes(i), picture = {} } = file;
  const { height = 64, width = 96 } = picture;
  const measured = measure({
    height,
    width,
    samples: "uint8",
    range: { low: 0, high: 255 },
    readValues: (first, values) => {
      for (let k = 0; k < values.length; k++) {
        values[k] = level((k % width) / width, (first + Math.floor(k / width)) / height);
      }
    },
  });
  return { format: "png", bitDepth: 8, ...measured, ...picture };
}

/** Waves of a direction and a length of their own, so that no two files look alike. */
const stripes = (i: number) => (x: number, y: number) =>
  128 +
  60 * Math.sin(6 * (1 + (i % 7)) * x + 5 * (i % 11) * y + i) +
  50 * Math.sin(9 * ((i * 7) % 5) * y - 4 * (i % 3) * x * y);
