import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { rateFactor, scheduleNames } from "./schedules.js";

const read = (name: string) => JSON.parse(readFileSync(repositoryFolder("fixtures", "training", name), "utf8"));
const keras = read("keras-rates.json") as { cosine: { steps: number; warmUp: number; factors: number[] }[] };
const pytorch = read("pytorch-rates.json") as { oneCycle: { steps: number; factors: number[] }[]; step: number[] };

describe("rateFactor", () => {
  it.each(keras.cosine)("goes as Keras' CosineDecay, $steps steps, $warmUp of them to warm up", (recorded) => {
    const { steps, warmUp, factors } = recorded;
    // Keras computes in float32: 1e-7 of the peak.
    for (const [step, factor] of factors.entries()) {
      expect(rateFactor("cosine", step, { steps, warmUp, stepsPerEpoch: 5 })).toBeCloseTo(factor, 6);
    }
  });

  it.each(pytorch.oneCycle)("goes as PyTorch's OneCycleLR, $steps steps", ({ steps, factors }) => {
    for (const [step, factor] of factors.entries()) {
      expect(rateFactor("one-cycle", step, { steps, warmUp: 0, stepsPerEpoch: 5 })).toBeCloseTo(factor, 12);
    }
  });

  it("goes as PyTorch's StepLR, stepped once an epoch", () => {
    const options = { steps: 25 * 3, warmUp: 0, stepsPerEpoch: 3 };
    for (const [epoch, factor] of pytorch.step.entries()) {
      for (const step of [0, 2]) expect(rateFactor("step", 3 * epoch + step, options)).toBeCloseTo(factor, 12);
    }
  });

  it.each(["constant", "plateau", "step", "cosine"] as const)("rises in a line while %s warms up", (name) => {
    const options = { steps: 20, warmUp: 4, stepsPerEpoch: 20 };
    expect([0, 1, 2, 3, 4].map((step) => rateFactor(name, step, options))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it.each(scheduleNames)("stays a number from 0 to 1 in trainings of any length: %s", (name) => {
    for (let steps = 1; steps <= 12; steps++) {
      for (let warmUp = 0; warmUp <= steps; warmUp++) {
        for (let step = 0; step < steps; step++) {
          const factor = rateFactor(name, step, { steps, warmUp, stepsPerEpoch: 1 });
          expect(factor >= 0 && factor <= 1, `${name} ${step} of ${steps}, ${warmUp}: ${factor}`).toBe(true);
        }
      }
    }
  });

  it("asks for a warm-up that is no longer than the training", () => {
    expect(() => rateFactor("cosine", 0, { steps: 3, warmUp: 4, stepsPerEpoch: 1 })).toThrow(
      new InputError("warm-up: 4 steps, expected no more than the 3 of the training"),
    );
  });
});
