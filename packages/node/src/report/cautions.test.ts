/** What a report warns of, and what it does not. */
import { describe, expect, it } from "vitest";
import { readRun } from "../run/finished-run.js";
import { type MadeRun, madeRun } from "../testing/made-run.js";
import { cautions } from "./cautions.js";
import type { NearCopy } from "./find-near-copies.js";
import { measuredSides } from "./measured-side.js";
import { runFacts } from "./run-facts.js";
import { readSplitCounts } from "./split-counts.js";

type Content = Parameters<typeof cautions>[0];

async function contentOf(made: Partial<MadeRun>, change: (content: Content) => Partial<Content> = () => ({})) {
  const files = madeRun({ classes: ["a", "b", "c"], perClass: 60, ...made });
  const run = await readRun(files);
  const content = { run, facts: runFacts(run), counts: await readSplitCounts(files, run), ...measuredSides(run) };
  return { ...content, ...change(content) };
}

const titles = async (...args: Parameters<typeof contentOf>) =>
  cautions(await contentOf(...args)).map(({ title }) => title);

const metricsOf = ({ run }: Content, change: object) =>
  ({ run: { ...run, metrics: { ...run.metrics, ...change } } }) as Partial<Content>;

const grouped = { groups: { by: "--group x", train: 5, val: 5, test: 5 } };

describe("a report warns", () => {
  it("that nothing was held out, and of nothing that was not measured then", async () => {
    const found = await titles({ measured: "none", isOld: true, config: { skipped: [] } });
    expect(found).toEqual(["Nothing was held out"]);
  });

  it("that groups are not known, unless they were given", async () => {
    const title = "Whether images belong together is not known";
    expect(await titles({})).toContain(title);
    expect(await titles({ config: grouped })).not.toContain(title);
  });

  it("of few images, with the interval and what one image is worth", async () => {
    const found = cautions(await contentOf({ perClass: 10 })).find(({ title }) => title === "Measured on 30 images");
    expect(found?.text).toMatch(/one more or less is 3\.3.%.*anything in \d+\.\d–\d+\.\d.%.*--folds 5/);
    expect((await titles({ perClass: 34 })).join()).not.toContain("Measured on");
  });

  it("of no test, and of a test that is worse than chance explains", async () => {
    expect(await titles({ measured: "validation" })).toContain("No test was kept");
    expect(await titles({})).not.toContain("No test was kept");
    const worse = await titles({}, ({ main, other }) => ({
      main: {
        ...main!,
        scalars: { ...main!.scalars, accuracy: 0.5 },
        intervals: { draws: 1, of: { accuracy: [0.4, 0.6] } },
      },
      other: {
        ...other!,
        scalars: { ...other!.scalars, accuracy: 0.8 },
        intervals: { draws: 1, of: { accuracy: [0.7, 0.9] } },
      },
    }));
    expect(worse).toContain("The test is worse than the validation");
    const perfect = await titles({}, ({ main, other }) => ({
      main: {
        ...main!,
        scalars: { ...main!.scalars, accuracy: 0.997 },
        intervals: { draws: 1, of: { accuracy: [0.99, 1] } },
      },
      other: {
        ...other!,
        scalars: { ...other!.scalars, accuracy: 1 },
        intervals: { draws: 1, of: { accuracy: [1, 1] } },
      },
    }));
    expect(perfect).not.toContain("The test is worse than the validation");
  });

  it("of classes of unequal size, and says whether they were weighed", async () => {
    const uneven = (content: Content) => ({
      counts: {
        ...content.counts!,
        counts: [
          [100, 9, 9],
          [20, 9, 9],
          [40, 9, 9],
        ],
      },
    });
    const [found] = cautions(await contentOf({}, uneven)).filter(
      ({ title }) => title === "Classes are of unequal size",
    );
    expect(found?.text).toMatch(/“a” has 100 images that train, “b” 20\..*--class-weights balanced/);
    const even = (content: Content) => ({
      counts: {
        ...content.counts!,
        counts: [
          [99, 9, 9],
          [20, 9, 9],
          [40, 9, 9],
        ],
      },
    });
    expect(await titles({}, even)).not.toContain("Classes are of unequal size");
  });

  it("of probabilities that are off, and of a class that is much weaker", async () => {
    const change = ({ main }: Content): Partial<Content> => ({
      main: {
        ...main!,
        scalars: { ...main!.scalars, expectedCalibrationError: 0.051, balancedAccuracy: 0.9 },
        metrics: { ...main!.metrics, perClass: [{ name: "weak", recall: 0.69, precision: 1, f1: 1, support: 7 }] },
      },
    });
    const found = cautions(await contentOf({}, change)).map(({ title, text }) => `${title}: ${text}`);
    expect(found.join("\n")).toMatch(/Probabilities are not to be taken at their word: They are off by 5\.1/);
    expect(found.join("\n")).toMatch(
      /One class is much weaker: “weak” \(69\.0.% of 7 found\), where all classes together have 90\.0/,
    );
  });

  it("of coverage below what was promised, and whether chance explains it", async () => {
    const covering = (coverage: number, images: number) => (content: Content) =>
      metricsOf(content, {
        sets: { promised: 0.9, seen: {}, test: { images, coverage, perClass: [], size: 1, single: 1 } },
      });
    const text = async (coverage: number, images: number) =>
      cautions(await contentOf({}, covering(coverage, images))).find(({ section }) => section === "sets")?.text;
    expect(await text(0.87, 100)).toMatch(/within chance/);
    expect(await text(0.8, 400)).toMatch(/more than chance/);
    expect(await text(0.9, 100)).toBeUndefined();
  });

  it("of familiar images that are called unknown more than three times as often as they should be", async () => {
    const refusing = (refused: number) => (content: Content) =>
      metricsOf(content, { unknown: { rate: 0.01, distance: 1, compared: 9, refused } });
    expect(await titles({}, refusing(0.031))).toContain("Many familiar images are called unknown");
    expect(await titles({}, refusing(0.03))).not.toContain("Many familiar images are called unknown");
  });

  it("of doubtful labels, files left out, copies on two sides, and a network that was no better", async () => {
    const pair = { images: [{}, {}], likeness: 1 } as unknown as NearCopy; // which is only counted
    const found = await titles({ trained: "network", config: { trained: "the head alone" } }, () => ({
      nearCopies: [pair],
    }));
    expect(found).toContain("30 labels may be wrong");
    expect(found).toContain("1 file could not be used");
    expect(found).toContain("1 pair of nearly the same picture is on two sides");
    expect(found).toContain("Training the network was no better");
    expect(await titles({ trained: "network" })).not.toContain("Training the network was no better");
  });
});

it("points to sections that there are", async () => {
  const sections = cautions(await contentOf({ perClass: 10 })).flatMap(({ section }) => section ?? []);
  const known: readonly string[] = [
    "data",
    "metrics",
    "classes",
    "calibration",
    "sets",
    "unknown",
    "doubtful",
    "copies",
    "training",
    "options",
  ];
  expect(sections.filter((section) => !known.includes(section))).toEqual([]);
  expect(sections.length).toBeGreaterThan(3);
});
