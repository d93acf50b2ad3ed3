import { beforeAll, describe, expect, it } from "vitest";
import { parseChart } from "../../testing/parse-chart.js";
import { classCounts } from "./class-counts.js";
import { loadPlot, type Plotting } from "./load-plot.js";
import { splitBar } from "./split-bar.js";

let plotting: Plotting;
beforeAll(async () => {
  plotting = await loadPlot();
});

const names = ["crack", "pore"];
const sides = ["train", "val", "test"];
const counts = [
  [60, 20, 20],
  [6, 2, 0],
];

describe("charts of the split", () => {
  it("tell images and parts of each side", () => {
    const chart = splitBar(plotting, { sides, counts });
    expect(chart.alt).toBe(
      "Of 108 images: training 66 (61.1\u00a0%), validation 22 (20.4\u00a0%) and test 20 (18.5\u00a0%).",
    );
    expect(parseChart(chart).texts()).toContain("validation 22 (20.4\u00a0%)");
  });

  it("take folds for one side", () => {
    const folds = { sides: ["fold 1", "fold 2", "test"], counts };
    expect(splitBar(plotting, folds).alt).toBe(
      "Of 108 images: cross-validated in 2 folds 88 (81.5\u00a0%) and test 20 (18.5\u00a0%).",
    );
  });

  it("count the images of each class, the largest first", () => {
    const chart = classCounts(plotting, { names: ["pore", "crack"], sides, counts: counts.toReversed() });
    expect(chart.alt).toBe("108 images of 2 classes: most of crack (100), fewest of pore (8).");
    for (const text of ["100", "8", "crack", "pore", "training", "validation", "test"])
      expect(parseChart(chart).texts()).toContain(text);
    expect(classCounts(plotting, { names, sides, counts: [counts[0]!, counts[0]!] }).alt).toContain("each has 100");
  });

  it("keep the sizes of 1,000 classes, and no more than one shape a side", () => {
    const many = Array.from({ length: 1000 }, (_, k) => [1000 - k, 5, 5]);
    const chart = classCounts(plotting, { names: many.map((_, k) => `c${k}`), sides, counts: many });
    expect(chart.alt).toContain("most of c0 (1,010), fewest of c999 (11)");
    expect(parseChart(chart).elements('[data-part="area"] path')).toHaveLength(3);
    expect(chart.svg.length).toBeLessThan(150_000);
  });

  it("say that there are no images", () => {
    expect(splitBar(plotting, { sides: [], counts: [[], []] }).svg).toContain("no images to draw");
    expect(
      classCounts(plotting, {
        names,
        sides,
        counts: [
          [0, 0, 0],
          [0, 0, 0],
        ],
      }).svg,
    ).toContain("no images to draw");
    expect(classCounts(plotting, { names: [], sides, counts: [] }).svg).toContain("no images to draw");
  });
});
