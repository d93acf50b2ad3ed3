/** The images that all runs were measured on, and what each said of them. */
import { InputError, printable } from "@grayling/core";
import { matchGroups } from "../dataset/match-groups.js";
import type { FinishedRun, MeasuredImage } from "../run/finished-run.js";
import { counted } from "../terminal/counted.js";

export interface CommonImage {
  /** Relative to the dataset. */
  readonly path: string;
  /** Into the runs' classes. */
  readonly label: number;
  /** What each run says, in the order of the runs. */
  readonly answers: readonly MeasuredImage[];
}

export interface CommonImages {
  /** "test" where every run has one, else "validation" (or cross-validated). */
  readonly side: "test" | "validation";
  /** In the order of the first run. */
  readonly images: readonly CommonImage[];
  /** Images of that side, of each run. */
  readonly measured: readonly number[];
  /** Images that runs give different labels, left out. */
  readonly relabelled: number;
  /** Each image's, where a pattern tells them; images of one are right or wrong together. */
  readonly groups: readonly string[] | undefined;
}

/**
 * Images are matched by their paths. Throws `InputError` where the classes differ, or no image was measured by all: an image that
 * one run has trained on says nothing of the other.
 */
export function commonImages(runs: readonly FinishedRun[]): CommonImages {
  checkClasses(runs);
  const isTested = runs.every(({ images }) => images.some(({ split }) => split === "test"));
  const sides = runs.map(({ images }) => images.filter(({ split }) => split === (isTested ? "test" : "val")));
  const byPath = sides.map((images) => new Map(images.map((image) => [image.path, image])));
  const matched = sides[0]!.flatMap(({ path, label }) => {
    const answers = byPath.flatMap((images) => images.get(path) ?? []);
    return answers.length === runs.length ? [{ path, label, answers }] : [];
  });
  const images = matched.filter(({ label, answers }) => answers.every((answer) => answer.label === label));
  const side = isTested ? "test" : "validation";
  if (images.length === 0) throw nothingInCommon(runs, sides, side);
  const paths = images.map(({ path }) => path);
  return {
    ...{ side, images, measured: sides.map(({ length }) => length), relabelled: matched.length - images.length },
    groups: groupsOf(runs, paths),
  };
}

function checkClasses([first, ...others]: readonly FinishedRun[]): void {
  const expected = first!.config.classes;
  for (const { source, config } of others) {
    if (config.classes.join("\0") === expected.join("\0")) continue;
    const own = new Set(config.classes);
    const missing = expected.find((name) => !own.has(name));
    const added = config.classes.find((name) => !expected.includes(name));
    const stray = missing === undefined ? `it has "${added ?? config.classes[0]}"` : `it has no "${missing}"`;
    throw new InputError(
      `compare ${source}: expected the ${expected.length} classes of ${first!.source}, got ${config.classes.length}: ${printable(stray)}`,
    );
  }
}

function nothingInCommon(
  runs: readonly FinishedRun[],
  sides: readonly (readonly MeasuredImage[])[],
  side: string,
): InputError {
  const counts = runs.map(({ source }, i) => `${source} measured ${counted(sides[i]!.length, `${side} image`)}`);
  return new InputError(
    `compare: no image was measured by all runs (${counts.join(", ")}); train them on the same folder with the same --seed, --val, --test and --group`,
  );
}

/** By the pattern of a run; undefined where none has one, or it is a column of a list. */
function groupsOf(runs: readonly FinishedRun[], paths: readonly string[]): string[] | undefined {
  for (const { config } of runs) {
    const { group } = config.options;
    if (typeof group !== "string") continue;
    try {
      return matchGroups(paths, group);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return undefined;
}
