/** The files of a run that never took place, for tests of what is made from them. Its numbers are computed as `train` computes them. */
import {
  classificationMetrics,
  fitConformalSets,
  judgeImages,
  measureCoverage,
  SeededRandom,
  scalarMetrics,
} from "@grayling/core";
import { toCsv } from "../run/csv.js";
import { filesOfMap, type RunFiles } from "../run/finished-run.js";
import { resolveOptions } from "../train/train-options.js";

export interface MadeRun {
  readonly classes: readonly string[];
  /** Of each class on each side. */
  readonly perClass: number;
  /** Default: validation and test. */
  readonly measured?: "none" | "validation" | "test" | "folds" | undefined;
  /** How the network trained; default: only a linear head did. */
  readonly trained?: "linear" | "layers" | "network" | undefined;
  /** Whether it is of a version that judged nothing. */
  readonly isOld?: boolean | undefined;
  /** Of the images; default: a folder that is not there. */
  readonly dataset?: string | undefined;
  /** Of image i of a class; default a number. */
  readonly pathOf?: ((className: string, side: string, i: number) => string) | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

interface MadeImage {
  readonly path: string;
  readonly label: number;
  readonly side: string;
  readonly probabilities: Float32Array;
  readonly novelty: number;
}

export function madeRun(made: MadeRun, folder = "/made/run"): RunFiles {
  const { classes, measured = "test", isOld = false } = made;
  const sides = {
    none: ["train"],
    validation: ["train", "val"],
    test: ["train", "val", "test"],
    folds: ["fold 1", "fold 2"],
  };
  const images = madeImages(made, sides[measured]);
  const told = images.filter(({ side }) => side !== "train");
  const hasTest = measured === "test";
  const header = [
    "path",
    "label",
    ...(hasTest ? ["split"] : []),
    "predicted",
    ...(isOld ? [] : ["novelty"]),
    ...classes,
  ];
  const rows = told.map(({ path, label, side, probabilities, novelty }) => [
    ...[path, classes[label], ...(hasTest ? [side] : []), classes[predictedOf(probabilities)]],
    ...[...(isOld ? [] : [novelty]), ...probabilities],
  ]);
  const doubtful = images.slice(0, 30).map(({ path, label }, i) => {
    const near = images[images.length - 1 - i]!;
    return [path, classes[label], classes[(label + 1) % classes.length], 0.01, 0.98, near.path, classes[near.label]];
  });
  const doubtfulHeader = ["path", "label", "suggested", "p_label", "p_suggested", "neighbour", "neighbour_label"];
  return filesOfMap(
    folder,
    new Map([
      ["config.json", JSON.stringify(madeConfig(made, images))],
      ["metrics.json", JSON.stringify(madeMetrics(made, told))],
      ["predictions.csv", toCsv(header, rows)],
      [
        "split.csv",
        toCsv(
          ["path", "label", "split"],
          images.map((image) => [image.path, classes[image.label], image.side]),
        ),
      ],
      ["results.csv", madeHistory(made)],
      ...(isOld ? [] : [["doubtful-labels.csv", toCsv(doubtfulHeader, doubtful)] as const]),
    ]),
  );
}

const predictedOf = (probabilities: Float32Array) =>
  probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));

/** Right in four of five or so, the next class being the one that is taken for it. */
function madeImages(
  { classes, perClass, pathOf = (name, side, i) => `${name}/${side} ${i}.png` }: MadeRun,
  sides: readonly string[],
) {
  const random = new SeededRandom(1, "made run");
  return sides.flatMap((side) =>
    classes.flatMap((name, label) =>
      Array.from({ length: perClass }, (_, i): MadeImage => {
        const likely = random.next() < 0.8 ? label : (label + 1) % classes.length;
        const weights = classes.map((_, k) => (k === likely ? 2 + 6 * random.next() : random.next() / classes.length));
        const sum = weights.reduce((a, b) => a + b, 0);
        const probabilities = Float32Array.from(weights, (weight) => weight / sum);
        return { path: pathOf(name, side, i), label, side, probabilities, novelty: 1.2 * random.next() ** 2 };
      }),
    ),
  );
}

function madeConfig(
  { classes, trained = "linear", isOld = false, dataset = "/made/images", config }: MadeRun,
  images: readonly MadeImage[],
) {
  const count = (side: string) => images.filter((image) => image.side === side).length;
  const asked = { linear: {}, layers: { head: "dense(8,relu)" }, network: { unfreeze: "block7", epochs: 3 } };
  return {
    ...{
      dataset,
      classes,
      weights: "ImageNet, bundled",
      isTransferred: true,
      trunk: "0123",
      window: "full",
      samples: ["uint8"],
    },
    options: { ...resolveOptions({ ...asked[trained], seed: 0 }), device: "cpu" },
    ...(trained === "network" && { trained: "backbone.safetensors" }),
    ...(isOld ? {} : { judgement: { temperature: 1.2, unknown: { rate: 0.01 }, thresholds: [] } }),
    images: { train: count("train"), val: count("val"), test: count("test") },
    ...{ ignored: 2, skipped: [{ path: "a/broken.png", reason: "truncated PNG" }], versions: { grayling: "0.1.0" } },
    ...config,
  };
}

function madeMetrics({ classes, measured = "test", isOld = false }: MadeRun, told: readonly MadeImage[]) {
  const of = (side: (name: string) => boolean) => {
    const own = told.filter((image) => side(image.side));
    const [labels, probabilities] = [
      own.map(({ label }) => label),
      Float32Array.from(own.flatMap((one) => [...one.probabilities])),
    ];
    return { labels, probabilities, ...measure(labels, probabilities, classes, isOld) };
  };
  if (measured === "none") return { validation: null, folds: null, head: {} };
  const seen = of((name) => name !== "test");
  const test = measured === "test" ? of((name) => name === "test") : undefined;
  if (isOld) return { validation: seen.metrics, ...(test && { test: test.metrics }), folds: null, head: {} };
  const sets = fitConformalSets(seen.labels, seen.probabilities, classes.length, 0.1);
  const errors = { logLoss: 0.5, brierScore: 0.2, expectedCalibrationError: 0.08 };
  return {
    ...(measured === "folds"
      ? { validation: null, folds: { together: seen.metrics, each: [{ accuracy: 0.8 }, { accuracy: 0.81 }] } }
      : { validation: seen.metrics, ...(test && { test: test.metrics }), folds: null }),
    calibration: { temperature: 1.2, images: seen.labels.length, before: errors, after: errors },
    sets: {
      ...{ promised: 0.9, ...sets, seen: measureCoverage(seen.labels, seen.probabilities, sets) },
      ...(test && { test: measureCoverage(test.labels, test.probabilities, sets) }),
    },
    unknown: { rate: 0.01, distance: 0.2, compared: 100, refused: 0.05 },
    thresholds: [
      { className: classes[0], metric: "recall", value: 0.95, threshold: 0.3, recall: 0.96, precision: 0.7 },
    ],
    head: {},
  };
}

function measure(labels: readonly number[], probabilities: Float32Array, classes: readonly string[], isOld: boolean) {
  const metrics = classificationMetrics(labels, probabilities, classes);
  if (isOld) return { metrics };
  const scalars = scalarMetrics(judgeImages(labels, probabilities, classes.length));
  const { confusionMatrix, perClass } = metrics;
  // Not drawn: of many classes that takes longer than all else in a test.
  const of = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, [value - 0.04, value + 0.03]]));
  return { metrics: { ...scalars, intervals: { draws: 1000, of }, confusionMatrix, perClass } };
}

function madeHistory({ trained = "linear" }: MadeRun): string {
  if (trained === "linear")
    return toCsv(
      ["evaluation", "loss"],
      [1, 2, 3, 4].map((i) => [i, 1 / i]),
    );
  const epochs = [1, 2, 3];
  if (trained === "layers") {
    return toCsv(
      ["epoch", "loss", "accuracy", "learningRate"],
      epochs.map((i) => [i, 1 / i, 1 - 0.4 / i, 0.001]),
    );
  }
  const columns = ["epoch", "loss", "accuracy", "validationLoss", "validationAccuracy", "learningRate"];
  return toCsv(
    columns,
    epochs.map((i) => [i, 1 / i, 1 - 0.4 / i, 1.2 / i, 1 - 0.5 / i, 0.0003]),
  );
}
