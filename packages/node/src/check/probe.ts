/**
 * Fits a small classifier to what ought to say nothing of the class: borders, file size, histogram, a few pixels. Where
 * that already classifies, so will a network, and its accuracy says little of what it sees.
 */
import {
  fitLogisticRegression,
  InputError,
  type Runtime,
  runtimeProducts,
  SeededRandom,
  stratifiedFolds,
} from "@grayling/core";
import { nearDuplicates } from "./duplicate-groups.js";
import { groupBy } from "./group-by.js";
import { type Inspection, type ReadablePicture, readable } from "./inspected-file.js";
import { type ProbeView, probeViews, type ViewName } from "./probe-views.js";
import { type Interval, wilsonInterval } from "./wilson-interval.js";

export interface ProbeOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Probed {
  readonly view: ViewName;
  /** Part that is right on pictures it was not fitted to, by 5-fold cross-validation, 0–1. */
  readonly accuracy: number;
  readonly interval: Interval; // 95 %
  /** Part that always saying the commonest class gets right. */
  readonly majority: number;
  /** (accuracy − majority) / (1 − majority), not below 0. */
  readonly gain: number;
  readonly answers: readonly Answer[];
}

/** What the classifier says of a picture that it was not fitted to. */
export interface Answer {
  readonly file: ReadablePicture;
  readonly label: number; // what it takes it for
  readonly probability: number;
}

const folds = 5;

/** More pictures make no other answer, and minutes of seconds. A seeded draw of them is taken. */
const mostPictures = 4000;

/** A class with fewer cannot be in every fold. */
const leastOfClass = 5;

/**
 * One for all, not searched for, which takes ten times as long: on neu-cls and aksara-jawa every view comes within
 * about 3 points of the best of 0.01, 0.1 and 1.
 */
const C = 0.1;

/**
 * One result per view. Of files with the same content or look one is taken, since copies in two folds are known by heart.
 * Throws `InputError` for fewer than two classes of five pictures.
 */
export async function probe(runtime: Runtime, inspection: Inspection, options: ProbeOptions): Promise<Probed[]> {
  const files = drawFiles(inspection, options.seed);
  const labels = files.map(({ label }) => label ?? -1);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  if (classes.length < 2) {
    throw new InputError(
      `probe: expected two classes of at least ${leastOfClass} different pictures, got ${classes.length}`,
    );
  }
  const names = Object.keys(probeViews) as ViewName[]; // a table with these keys
  const results: Probed[] = [];
  for (const view of names) {
    const rows = readView(probeViews[view], files);
    const answers = await crossValidate(runtime, rows, { ...options, labels, classes, files });
    results.push({ view, ...score(answers, labels), answers });
  }
  return results;
}

/** Pictures that differ, of classes with enough of them. */
function drawFiles(inspection: Inspection, seed: number): ReadablePicture[] {
  const copies = new Set(nearDuplicates(inspection).flatMap(({ files }) => files.slice(1)));
  const hashes = new Set<string | null>();
  const distinct = readable(inspection).filter((file) => {
    const isNew = file.label !== null && !copies.has(file) && !hashes.has(file.hash);
    hashes.add(file.hash);
    return isNew;
  });
  const drawn =
    distinct.length > mostPictures
      ? new SeededRandom(seed, "probe").shuffled(distinct).slice(0, mostPictures)
      : distinct;
  return [...groupBy(drawn, ({ label }) => label).values()].filter((some) => some.length >= leastOfClass).flat();
}

interface Rows {
  readonly values: Float32Array; // [n, columns]
  readonly columns: number;
}

function readView({ read, columns }: ProbeView, files: readonly ReadablePicture[]): Rows {
  const values = new Float32Array(files.length * columns);
  for (const [i, file] of files.entries()) values.set(read(file), i * columns);
  return { values, columns };
}

interface Labelled extends ProbeOptions {
  readonly files: readonly ReadablePicture[];
  readonly labels: readonly number[];
  readonly classes: readonly number[];
}

/** An answer for each file, in their order. */
async function crossValidate(runtime: Runtime, rows: Rows, labelled: Labelled): Promise<Answer[]> {
  const { files, labels, classes, seed } = labelled;
  const foldOf = stratifiedFolds(labels, folds, seed);
  const answers = new Array<Answer>(files.length);
  for (let fold = 0; fold < folds; fold++) {
    const head = await fitWithout(runtime, rows, foldOf, fold, labelled);
    for (const [i, own] of foldOf.entries()) {
      if (own !== fold) continue;
      const { best, probability } = answer(
        head,
        rows.values.subarray(i * rows.columns, (i + 1) * rows.columns),
        classes.length,
      );
      answers[i] = { file: files[i]!, label: classes[best]!, probability };
    }
  }
  return answers;
}

type Head = Pick<Awaited<ReturnType<typeof fitLogisticRegression>>, "kernel" | "bias">;

async function fitWithout(
  runtime: Runtime,
  { values, columns }: Rows,
  foldOf: readonly number[],
  fold: number,
  { labels, classes, seed, signal }: Labelled,
): Promise<Head> {
  const kept = foldOf.flatMap((own, i) => (own === fold ? [] : [i]));
  const training = new Float32Array(kept.length * columns);
  for (const [row, i] of kept.entries()) training.set(values.subarray(i * columns, (i + 1) * columns), row * columns);
  const products = await runtimeProducts(runtime, training, kept.length, columns);
  try {
    const own = kept.map((i) => classes.indexOf(labels[i]!));
    return await fitLogisticRegression(products, own, classes.length, {
      seed,
      candidates: [C],
      tolerance: 1e-3, // of a loss of order one: who is right does not change any more
      onProgress: () => signal?.throwIfAborted(),
    });
  } finally {
    await products.release();
  }
}

/** The class of the largest logit x·kernel + bias, and its softmax. */
function answer({ kernel, bias }: Head, x: Float32Array, classes: number): { best: number; probability: number } {
  const logits = Float64Array.from(bias);
  for (let j = 0; j < x.length; j++) for (let c = 0; c < classes; c++) logits[c]! += x[j]! * kernel[j * classes + c]!;
  const best = logits.reduce((largest, logit, c) => (logit > logits[largest]! ? c : largest), 0);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - logits[best]!), 0);
  return { best, probability: 1 / sum };
}

function score(answers: readonly Answer[], labels: readonly number[]): Omit<Probed, "view" | "answers"> {
  const right = answers.filter(({ file, label }) => file.label === label).length;
  const sizes = [...groupBy(labels, (label) => label).values()].map((some) => some.length);
  const accuracy = right / labels.length;
  const majority = Math.max(...sizes) / labels.length;
  const gain = Math.max(0, (accuracy - majority) / (1 - majority));
  return { accuracy, interval: wilsonInterval(right, labels.length), majority, gain };
}
