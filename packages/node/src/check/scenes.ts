/** Runs of pictures that were taken one after the other and look alike: frames of one scene. */
import { groupBy } from "./group-by.js";
import type { ReadablePicture } from "./inspected-file.js";
import { correlation } from "./likeness.js";

export interface Scenes {
  /** Median correlation of thumbnails of neighbours by number, and of pictures far from each other. */
  readonly neighbours: number;
  readonly others: number;
  /** Runs of two and more, in the order of the numbers. */
  readonly runs: readonly (readonly ReadablePicture[])[];
}

/** Neighbours in a folder that look so much more alike than others are no accident. */
const leastDifference = 0.2;
const leastAlike = 0.7;

/** Undefined where consecutive numbers look no more alike than others do, or there are fewer than ten pairs. */
export function findScenes(files: readonly ReadablePicture[]): Scenes | undefined {
  const series = [...groupBy(files, seriesOf).values()].filter((some) => some.length >= 4).map(inOrder);
  const near = series.flatMap((some) => some.slice(1).map((file, i) => alike(some[i]!, file)));
  const far = series.flatMap((some) =>
    some.map((file, i) => alike(file, some[(i + (some.length >> 1)) % some.length]!)),
  );
  if (near.length < 10) return undefined;
  const [neighbours, others] = [median(near), median(far)];
  if (neighbours < leastAlike || neighbours - others < leastDifference) return undefined;
  const border = (neighbours + others) / 2;
  const runs = series.flatMap((some) => cut(some, border)).filter((run) => run.length > 1);
  return { neighbours, others, runs };
}

/** Names that differ in their last number only. */
const seriesOf = ({ relative }: ReadablePicture): string => relative.replace(/\d+(?=\D*$)/, "#");

const numberOf = ({ relative }: ReadablePicture): number => Number(/(\d+)\D*$/.exec(relative)?.[1] ?? 0);

const inOrder = (files: readonly ReadablePicture[]) => files.toSorted((a, b) => numberOf(a) - numberOf(b));

const alike = (a: ReadablePicture, b: ReadablePicture): number => correlation(a.picture.thumbnail, b.picture.thumbnail);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/** Cuts a series where neighbours look no more alike than the border. */
function cut(series: readonly ReadablePicture[], border: number): ReadablePicture[][] {
  const runs: ReadablePicture[][] = [];
  for (const [i, file] of series.entries()) {
    if (i > 0 && alike(series[i - 1]!, file) >= border) runs.at(-1)!.push(file);
    else runs.push([file]);
  }
  return runs;
}
