/** Pictures that one camera took within seconds, by its own clock: of one scene, mostly. */
import { groupBy } from "./group-by.js";
import type { ReadablePicture } from "./inspected-file.js";

/** From one picture to the next. */
export const burstGap = 3; // s

/** Runs of two and more in the order of their times; none where no clock was written. */
export function findBursts(files: readonly ReadablePicture[]): readonly (readonly ReadablePicture[])[] {
  const timed = files.filter(({ origin }) => origin?.takenAt !== undefined);
  const byCamera = groupBy(timed, ({ origin }) => origin?.camera);
  return [...byCamera.values()].flatMap(cut).filter((run) => run.length > 1);
}

const timeOf = ({ origin }: ReadablePicture): number => origin?.takenAt ?? 0;

function cut(files: readonly ReadablePicture[]): ReadablePicture[][] {
  const runs: ReadablePicture[][] = [];
  for (const file of files.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const last = runs.at(-1)?.at(-1);
    if (last && timeOf(file) - timeOf(last) <= burstGap) runs.at(-1)!.push(file);
    else runs.push([file]);
  }
  return runs;
}
