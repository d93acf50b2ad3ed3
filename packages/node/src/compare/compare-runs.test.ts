import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { type FinishedRun, type MeasuredImage, readRun } from "../run/finished-run.js";
import { madeRun } from "../testing/made-run.js";
import { compareRuns } from "./compare-runs.js";
import { comparisonJson } from "./comparison-json.js";
import { cautionsOf, showOutcome, showP, showVerdict } from "./show-verdict.js";

const classes = ["crack", "dent", "fine"];
const made = await readRun(madeRun({ classes, perClass: 20 }));

/** A run of the images of `made` that answers rightly where `isRight` says so, by the image's place on its side. */
function run(name: string, isRight: (i: number) => boolean, change: Partial<FinishedRun> = {}): FinishedRun {
  const places = { val: 0, test: 0 };
  const images = made.images.map((image): MeasuredImage => {
    const predicted = isRight(places[image.split]++) ? image.label : (image.label + 1) % classes.length;
    const probabilities = Float32Array.from(classes, (_, k) => (k === predicted ? 0.8 : 0.1));
    return { ...image, predicted, probabilities };
  });
  const { test: _, ...metrics } = made.metrics; // intervals are computed, not read
  return { ...made, metrics, images, name, source: `/runs/${name}`, ...change };
}

const withOptions = (options: object) => ({
  config: { ...made.config, options: { ...made.config.options, ...options } },
});

describe("a comparison", () => {
  it("calls a run better where McNemar's exact test and the interval say so", () => {
    // Right on 14 where the other is wrong, wrong on 3 where it is right. statsmodels 0.15.0, mcnemar(exact=True).
    const comparison = compareRuns([run("first", (i) => i >= 14), run("second", (i) => i < 14 || i >= 17)]);
    const [pair] = comparison.pairs;
    expect(pair).toMatchObject({ onlyFirst: 3, onlySecond: 14, better: 1 });
    expect(pair!.pValue).toBeCloseTo(0.012725830078125, 12); // a sum of four terms
    expect(pair!.difference).toBeCloseTo(11 / 60, 12);
    expect(pair!.interval[0]).toBeGreaterThan(0);
    expect(showVerdict(pair!, comparison)).toBe(
      "second is better than first: right on 14 images where first is wrong, wrong on 3 where it is right (p = 0.013)",
    );
  });

  it("shows no difference where there are too few images to show one", () => {
    const comparison = compareRuns([run("first", (i) => i >= 5), run("second", (i) => i < 5 || i >= 8)]);
    expect(comparison.pairs[0]!.better).toBeUndefined();
    expect(showOutcome(comparison)).toBe(
      "first and second: no difference that 60 images could show (only first is right on 3, only second on 5; p = 0.73).",
    );
  });

  it("holds every pair against all of them", () => {
    const runs = [0, 9, 3].map((wrong, i) => run(`run ${i}`, (image) => image >= wrong));
    const comparison = compareRuns(runs);
    expect(comparison.pairs.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    // p = 2/2⁹, 2/2³ and 2/2⁶, by the binomial distribution; Holm multiplies by 3, 1 and 2
    for (const [i, p] of [2 ** -8, 2 ** -2, 2 ** -5].entries()) {
      expect(comparison.pairs[i]!.pValue).toBeCloseTo(p, 12);
    }
    for (const [i, p] of [3 * 2 ** -8, 2 ** -2, 2 ** -4].entries()) {
      expect(comparison.pairs[i]!.adjusted).toBeCloseTo(p, 12);
    }
    expect(comparison.pairs.map(({ better }) => better)).toEqual([0, undefined, undefined]);
    expect(showOutcome(comparison)).toContain("it is better than 1 of the other 2 by more than chance");
  });

  it("draws groups whole, so that images of few groups show less", () => {
    const [first, second] = [(i: number) => i >= 12, () => true];
    const single = compareRuns([run("a", first), run("b", second)]);
    // 12 images of 3 groups of 4, in the order of the images
    const grouped = compareRuns([run("a", first, withOptions({ group: "^(.*)[0-9]+\\.png" })), run("b", second)]);
    expect(grouped.groups).toHaveLength(60);
    expect(new Set(grouped.groups).size).toBeLessThan(30);
    const width = ({ pairs: [pair] }: typeof single) => pair!.interval[1] - pair!.interval[0];
    expect(width(grouped)).toBeGreaterThan(width(single));
    expect(cautionsOf(grouped).join()).toContain("groups drawn whole");
  });

  it("takes the test where all have one, else the images that validated", () => {
    const untested = made.images.filter(({ split }) => split === "val");
    const runs = [run("a", () => true), run("b", () => true, { images: untested })];
    expect(compareRuns([runs[0]!, run("c", () => true)])).toMatchObject({ side: "test", measured: [60, 60] });
    const comparison = compareRuns(runs);
    expect(comparison.side).toBe("validation");
    expect(comparison.images.every(({ answers }) => answers.every(({ split }) => split === "val"))).toBe(true);
    expect(cautionsOf(comparison)[0]).toMatch(/^validation images: /);
  });

  it("leaves out what one run has not measured, or calls another class, and measures on the rest", () => {
    const all = run("a", () => true);
    const images = run("b", (i) => i !== 1)
      .images.filter(({ path }) => !path.endsWith("test 0.png"))
      .map((image) => (image.path === "crack/test 2.png" ? { ...image, label: 1 } : image));
    const comparison = compareRuns([all, run("b", () => true, { images })]);
    expect(comparison).toMatchObject({ measured: [60, 57], relabelled: 1 });
    expect(comparison.images).toHaveLength(56);
    expect(comparison.runs.map(({ metrics }) => metrics.accuracy)).toEqual([1, 55 / 56]);
    expect(comparison.runs[0]!.intervals["accuracy"]![1]).toBe(1);
    expect(comparison.runs[1]!.intervals["accuracy"]![0]).toBeLessThan(55 / 56);
    expect(comparison.disagreements.map(({ path, isRight }) => [path, ...isRight])).toEqual([
      ["crack/test 1.png", true, false],
    ]);
  });

  it("lists the settings that differ, and those that one run does not have", () => {
    const other = withOptions({ height: 96, network: { unfreeze: "top", batchNorm: "frozen" } });
    expect(compareRuns([run("a", () => true), run("b", () => true, other)]).settings).toEqual([
      { name: "height", values: ["224", "96"] },
      { name: "network.unfreeze", values: [undefined, "top"] },
      { name: "network.batchNorm", values: [undefined, "frozen"] },
    ]);
  });

  it("warns where the images were not divided alike", () => {
    const comparison = compareRuns([run("a", () => true), run("b", () => true, withOptions({ seed: 7 }))]);
    expect(cautionsOf(comparison)).toEqual([expect.stringContaining("not divided alike (seed)")]);
  });

  it("names runs by their folders where their names coincide", () => {
    const runs = ["/x/a", "/y/a"].map((source) => run("a", () => true, { source }));
    expect(compareRuns(runs).runs.map(({ name }) => name)).toEqual(["/x/a", "/y/a"]);
  });

  it("takes the intervals that the runs recorded where all their images are common", () => {
    const intervals = { draws: 1000, of: { accuracy: [0.1, 0.2] as [number, number] } };
    const recorded = run("a", () => true, { metrics: { ...made.metrics, test: { intervals } } });
    expect(compareRuns([recorded, run("b", () => true)]).runs[0]!.intervals).toEqual(intervals.of);
  });

  it("is JSON with what is not defined as null", () => {
    const json = JSON.parse(comparisonJson(compareRuns([run("a", () => true), run("b", (i) => i > 0)])));
    expect(json.pairs[0]).toMatchObject({ first: "a", second: "b", better: null, onlyFirst: 1, onlySecond: 0 });
    expect(json.disagreements[0].answers.map(({ isRight }: { isRight: boolean }) => isRight)).toEqual([true, false]);
  });
});

it.each<[string, () => FinishedRun[], RegExp]>([
  ["one run", () => [run("a", () => true)], /^compare: expected 2 to 10 runs, got 1$/],
  ["11 runs", () => Array.from({ length: 11 }, (_, i) => run(`${i}`, () => true)), /2 to 10 runs, got 11/],
  ["one twice", () => [run("a", () => true), run("a", () => true)], /different runs, got \/runs\/a twice/],
  [
    "another class",
    () => [run("a", () => true), run("b", () => true, { config: { ...made.config, classes: ["crack", "dent", "x"] } })],
    /^compare \/runs\/b: expected the 3 classes of \/runs\/a, got 3: it has no "fine"$/,
  ],
  [
    "no common image",
    () => [
      run("a", () => true),
      run("b", () => true, { images: made.images.map((one) => ({ ...one, path: `x/${one.path}` })) }),
    ],
    /no image was measured by all runs \(\/runs\/a measured 60 test images, .*--seed/,
  ],
])("refuses %s", (_, runs, message) => {
  expect(() => compareRuns(runs())).toThrow(InputError);
  expect(() => compareRuns(runs())).toThrow(message);
});

it.each([
  [1, "= 1.00"],
  [0.0123, "= 0.012"],
  [0.00949, "= 0.009"],
  [0.0998, "= 0.10"],
  [9e-5, "< 0.0001"],
])("writes a p of %d as %j", (p, text) => {
  expect(showP(p)).toBe(text);
});
