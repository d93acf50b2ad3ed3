import { InputError, SeededRandom } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { type MadeFile, madeInspection } from "../testing/made-inspection.js";
import { probe } from "./probe.js";
import { probeFindings } from "./probe-findings.js";
import { coarse, coarseSide, isBorder, probeViews } from "./probe-views.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

const perClass = 60;

/** Two classes of noise; `facts` is what tells them apart. */
function twoClasses(facts: (label: number, random: SeededRandom) => Partial<MadeFile>) {
  const random = new SeededRandom(1, "probe");
  const files = [0, 1].flatMap((label) =>
    Array.from(
      { length: perClass },
      (_, i): MadeFile => ({
        relative: `${label === 0 ? "good" : "bad"}/${i}.png`,
        hash: `${label} ${i}`,
        level: noise(random.integer(1e6)),
        bytes: 1000 + random.integer(200),
        ...facts(label, random),
      }),
    ),
  );
  return madeInspection(files);
}

/** Cells of an eighth, each of its own gray. */
const noise = (seed: number) => {
  const random = new SeededRandom(seed);
  const cells = Array.from({ length: 64 }, () => 40 + 170 * random.next());
  return (x: number, y: number) => cells[Math.floor(8 * x) + 8 * Math.floor(8 * y)]!;
};

const framed = (label: number, random: SeededRandom) => {
  const inside = noise(random.integer(1e6));
  const frame = 20 + 40 * label + 10 * random.next();
  return { level: (x: number, y: number) => (x < 0.04 || y < 0.04 || x > 0.96 || y > 0.96 ? frame : inside(x, y)) };
};

describe("the probe", () => {
  it.each<[string, (label: number, random: SeededRandom) => Partial<MadeFile>, readonly string[]]>([
    ["nothing", () => ({}), []],
    ["a frame that differs by class", framed, ["borders"]],
    [
      "files that are larger in one class",
      (label, random) => ({ bytes: 1000 + 900 * label + random.integer(300) }),
      ["file"],
    ],
    ["another width", (label) => ({ picture: { width: 96 + 32 * label } }), ["file"]],
  ])("finds %s", async (_, facts, expected) => {
    const results = await probe(runtime, twoClasses(facts), { seed: 0 });
    for (const { view, interval, accuracy, majority, answers } of results) {
      expect(majority).toBe(0.5);
      expect(answers).toHaveLength(2 * perClass);
      if (expected.includes(view)) expect(accuracy, view).toBeGreaterThan(0.9);
      // A frame is seen in 16 × 16 px and in the histogram as well.
      else if (expected.length === 0 || view === "file") expect(interval.low, view).toBeLessThan(0.55);
    }
    const findings = probeFindings(results, ["bad", "good"]);
    expect(findings.filter(({ severity }) => severity === "problem").map(({ check }) => check)).toEqual(
      expected.map((view) => `probe-${view}`),
    );
    expect(findings.at(-1)?.table).toHaveLength(5);
  });

  it("gives the same with the same seed", async () => {
    const inspection = twoClasses(framed);
    const scores = async () => (await probe(runtime, inspection, { seed: 3 })).map(({ accuracy }) => accuracy);
    expect(await scores()).toEqual(await scores());
  });

  it("takes one of copies, which would be known by heart", async () => {
    const inspection = twoClasses(() => ({}));
    const copies = inspection.files.map((file) => ({ ...file, relative: `${file.relative}.copy.png` }));
    const results = await probe(runtime, { ...inspection, files: [...inspection.files, ...copies] }, { seed: 0 });
    for (const { answers, interval } of results) {
      expect(answers).toHaveLength(2 * perClass);
      expect(interval.low).toBeLessThan(0.55);
    }
  });

  it("leaves out classes too small for five folds, and refuses when one is left", async () => {
    const small = madeInspection([
      ...Array.from({ length: 8 }, (_, i) => ({ relative: `a/${i}.png`, level: noise(i) })),
      ...Array.from({ length: 4 }, (_, i) => ({ relative: `b/${i}.png`, level: noise(100 + i) })),
    ]);
    await expect(probe(runtime, small, { seed: 0 })).rejects.toThrow(InputError);
    await expect(probe(runtime, small, { seed: 0 })).rejects.toThrow(
      "expected two classes of at least 5 different pictures, got 1",
    );
  });

  it("stops when aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(probe(runtime, twoClasses(framed), { seed: 0, signal })).rejects.toThrow("enough");
  });
});

describe("what a probe is shown", () => {
  const [file] = twoClasses(() => ({ level: (x, y) => (x < 0.5 ? 0 : 255) * (y < 0.5 ? 1 : 0) })).files;

  it("has as many numbers as it says", () => {
    if (!file?.picture) throw new Error("made with a picture");
    for (const { read, columns } of Object.values(probeViews)) {
      const numbers = read({ ...file, picture: file.picture });
      expect(numbers).toHaveLength(columns);
      for (const number of numbers) expect(Number.isFinite(number)).toBe(true);
    }
  });

  it("is the picture in 16 × 16 means, in parts of its range", () => {
    const parts = coarse(file!.picture!);
    expect(parts[coarseSide - 1]).toBeCloseTo(1, 2);
    expect(parts[0]).toBeCloseTo(0, 2);
    expect(parts.at(-1)).toBeCloseTo(0, 2);
  });

  it("is 60 of 256 pixels along the borders", () => {
    expect(parts256().filter(isBorder)).toHaveLength(60);
  });
});

const parts256 = () => Array.from({ length: coarseSide ** 2 }, (_, i) => i);
