import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SplitCheckSettings, splitCheck } from "./split-check.js";

const side = 64; // px

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "grayling split-check ü-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const check = (name: string, settings: SplitCheckSettings = {}) =>
  splitCheck(join(root, name), { height: side, width: side, threads: 2, cache: join(root, "cache"), ...settings });

/** Four pictures of each of 30 patients: one pattern of their own each, and a little noise. */
async function paintPatients(name: string, nameOf: (patient: number, picture: number) => string): Promise<void> {
  const random = new SeededRandom(0, name);
  for (let patient = 0; patient < 30; patient++) {
    const label = patient % 2 ? "ill" : "well"; // nothing in the picture tells
    await mkdir(join(root, name, label), { recursive: true });
    const pattern = Array.from({ length: 64 }, () => 30 + random.integer(190));
    for (let picture = 0; picture < 4; picture++) {
      const levels = Uint8Array.from({ length: side * side }, (_, i) => {
        const [row, column] = [Math.floor(i / side), i % side];
        return pattern[8 * (row >> 3) + (column >> 3)]! + random.integer(2);
      });
      const image = sharp(levels, { raw: { width: side, height: side, channels: 1 } }).toColourspace("b-w");
      await image.png().toFile(join(root, name, label, `${nameOf(patient, picture)}.png`));
    }
  }
}

describe("the check of a split", () => {
  it("says how much of the accuracy is leakage, where a class is learnt from knowing the patient", async () => {
    await paintPatients("patients", (patient, picture) => `patient_${patient}_view${picture}`);
    const found = await check("patients");
    expect(found).toMatchObject({ isProposed: true, images: 120, groups: 30, folds: 5, repeats: 5, skipped: [] });
    expect(found.undivided).toEqual([]);
    expect(found.shuffled.mean).toBeGreaterThan(0.9); // the patient is known from other pictures
    // Patients not seen: chance, 15 of 30 ± 2.7.
    expect(found.grouped.mean).toBeLessThan(0.75);
    expect(found.leakage.mean).toBeCloseTo(found.shuffled.mean - found.grouped.mean, 12);
    expect(found.leakage.low).toBeGreaterThan(0.1);

    expect(found.splits).toHaveLength(5);
    for (const kind of ["shuffled", "grouped"] as const) {
      const each = found.splits.map((split) => split[kind]);
      expect(each.reduce((a, b) => a + b) / 5).toBeCloseTo(found[kind].mean, 12);
      expect(each.every((accuracy) => Math.abs(accuracy * 120 - Math.round(accuracy * 120)) < 1e-9)).toBe(true); // whole images
    }
    expect(new Set(found.splits.map(({ grouped }) => grouped)).size).toBeGreaterThan(1); // the draws are others
    const once = await check("patients", { repeats: 1 });
    expect(once.splits).toEqual(found.splits.slice(0, 1));
    expect(once.shuffled.mean).toBe(found.splits[0]!.shuffled);

    const given = await check("patients", { group: found.pattern });
    expect(given).toEqual({
      ...found,
      by: `--group ${found.pattern}`,
      pattern: undefined,
      isProposed: false,
    });
  });

  it("refuses names that tell of no groups, and more folds than groups", async () => {
    await paintPatients("unnamed", (patient, picture) => `x${1009 * (4 * patient + picture)}`);
    const failure = (settings: SplitCheckSettings) => check("unnamed", settings).catch((error: Error) => error);
    const error = await failure({});
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/the file names of .* tell of none, expected --group/);
    expect(((await failure({ repeats: 0 })) as Error).message).toBe("repeats 0: expected a whole number of at least 1");
    const whole = await failure({ group: "ill|well" });
    expect((whole as Error).message).toMatch(
      /^group: each class is one group, .* expected groups that are a part of a class/,
    );
    const one = await failure({ group: "well|ill/x[0-9]" });
    expect((one as Error).message).toMatch(/^group: each of well is one group/);
    const few = await failure({ group: "x[0-9]", folds: 30 });
    expect((few as Error).message).toMatch(/folds: expected a whole number from 2 to the 10 groups, got 30/);
  });
});
