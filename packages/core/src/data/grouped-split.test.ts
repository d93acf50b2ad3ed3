import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { assertUndivided } from "./gather-groups.js";
import { groupedStratifiedSplit, type SplitSide } from "./grouped-split.js";
import { stratifiedSplit } from "./split.js";

const random = new SeededRandom(3, "samples");
/** 100 patients of 1–9 images, most of one class of four. */
const patients = Array.from({ length: 100 }, (_, patient) => {
  const own = random.integer(4);
  return Array.from({ length: 1 + random.integer(9) }, () => ({
    label: random.next() < 0.9 ? own : random.integer(4),
    group: `patient ${patient}`,
  }));
}).flat();
const labels = patients.map(({ label }) => label);
const groups = patients.map(({ group }) => group);

const partOf = (sides: readonly SplitSide[], side: SplitSide, label: number) => {
  const own = sides.filter((_, i) => labels[i] === label);
  return own.filter((value) => value === side).length / own.length;
};

describe("a grouped stratified split", () => {
  it.each([
    { val: 0.2, test: 0 },
    { val: 0.2, test: 0.1 },
    { val: 0, test: 0.25 },
    { val: 0.4, test: 0.4 },
  ])("keeps groups whole and gives every side its part of every class: %j", (fractions) => {
    const sides = groupedStratifiedSplit(labels, groups, fractions, 1);
    assertUndivided(groups, sides);
    for (const label of [0, 1, 2, 3]) {
      // One image of a class is 0.8 %: every part is met to two of them.
      for (const side of ["val", "test"] as const) expect(partOf(sides, side, label)).toBeCloseTo(fractions[side], 1);
    }
    expect(groupedStratifiedSplit(labels, groups, fractions, 1)).toEqual(sides);
    expect(groupedStratifiedSplit(labels, groups, fractions, 2)).not.toEqual(sides);
  });

  it("validates what the split without groups does where every sample is its own, with and without a test", () => {
    const own = labels.map((_, i) => String(i));
    const validates = stratifiedSplit(labels, 0.2, 9);
    for (const test of [0, 0.1, 0.3]) {
      const sides = groupedStratifiedSplit(labels, own, { val: 0.2, test }, 9);
      expect(sides.map((side) => side === "val")).toEqual(validates);
      const tested = sides.filter((side) => side === "test").length;
      expect(Math.abs(tested - test * labels.length)).toBeLessThanOrEqual(2); // four classes, each rounded
    }
  });

  it("leaves every class something to train on, then something on the other sides", () => {
    for (let seed = 0; seed < 20; seed++) {
      const few = ["a", "a", "b", "b", "c", "d", "d", "d", "e", "f"];
      const classes = [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]; // one, two and three groups
      const sides = groupedStratifiedSplit(classes, few, { val: 0.1, test: 0.1 }, seed);
      const ofClass = (label: number) => new Set(sides.filter((_, i) => classes[i] === label));
      expect(ofClass(0)).toEqual(new Set(["train"]));
      expect(ofClass(1).has("train")).toBe(true);
      expect(ofClass(1).size).toBe(2);
      expect(ofClass(2).size).toBe(3);
    }
  });

  it("does not put the one large group of a class on the small side", () => {
    const large = [...Array<string>(50).fill("large"), ...Array<string>(40).fill("second")];
    const sides = groupedStratifiedSplit(Array(100).fill(0), [...large, ..."0123456789"], { val: 0.1, test: 0 }, 0);
    expect(sides.filter((side) => side === "val")).toHaveLength(10);
  });

  it("refuses fractions that leave nothing to train on", () => {
    for (const fractions of [
      { val: 1, test: 0 },
      { val: 0.5, test: 0.5 },
      { val: 0, test: -1 },
      { val: 0, test: NaN },
    ]) {
      expect(() => groupedStratifiedSplit([0, 0, 1], ["a", "a", "b"], fractions, 1)).toThrow(InputError);
    }
  });
});

it("a divided group is an internal error that names it", () => {
  expect(() => assertUndivided(["a", "b", "a"], ["train", "val", "val"])).toThrow(
    'internal: group "a" is on two sides, train and val',
  );
});
