import { describe, expect, it } from "vitest";
import type { PlannedChoice } from "../train/network/measure-training.js";
import { planLines, planTable } from "./plan-report.js";

const own: PlannedChoice = {
  ...{ unfreeze: "block6", parameters: 2_649_508, memory: 1.1e9, batch: 32, imagesAtOnce: 8 },
  activations: { cut: "block5c_add", bytes: 27e6, imagesPerSecond: 200, seconds: 12.3 },
  ...{ imagesPerSecond: 131.6, secondsPerEpoch: 21, epochs: 15, secondsInAll: 330, kernels: "blocked" },
};
const top: PlannedChoice = { ...own, unfreeze: "top", parameters: 414_724, secondsInAll: 25, activations: undefined };
const images = { train: 2800, val: 700, test: 0 };

describe("what a training will take", () => {
  it("is two lines before it starts, and a third where something is cheaper", () => {
    expect(planLines({ images, folds: undefined, choices: [own] })).toEqual([
      "plan      132 images/s, 32 images a step, 8 at once, about 1.1 GB of memory",
      "          an epoch 21 s, 15 epochs at most 6 min; before it 12 s for 27 MB of activations",
    ]);
    const [, second, third] = planLines({ images, folds: 5, choices: [own, top] });
    expect(second).toContain("15 epochs of 5 folds and of the model at most 6 min");
    expect(third).toBe("          cheaper with --unfreeze: top 25 s");
  });

  it("is a table with a row for each choice, no wider than a terminal", () => {
    const lines = planTable({ images, folds: undefined, choices: [own, top] });
    expect(lines.slice(2, 5)).toEqual([
      "--unfreeze  parameters  memory  kept once    images/s  an epoch  in all",
      "block6       2,649,508  1.1 GB  27 MB, 12 s       132      21 s   6 min",
      "top            414,724  1.1 GB  –                 132      21 s    25 s",
    ]);
    expect(lines).toContain("kernels blocked, 32 images a step, 8 at once");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});
