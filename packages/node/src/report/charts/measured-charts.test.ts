import { classificationMetrics, judgeImages, reliability, scalarMetrics } from "@grayling/core";
import { beforeAll, describe, expect, it } from "vitest";
import { parseChart } from "../../testing/parse-chart.js";
import { confidenceHistogram } from "./confidence-histogram.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { loadPlot, type Plotting } from "./load-plot.js";
import { noveltyHistogram } from "./novelty-histogram.js";
import { perClassBars } from "./per-class-bars.js";
import { reliabilityDiagram } from "./reliability-diagram.js";

let plotting: Plotting;
beforeAll(async () => {
  plotting = await loadPlot();
});

const names = ["crack", "pore", "none"];
/** Six images: two cracks and two pores are right, a crack is called a pore, and "none" has no images. */
const labels = [0, 0, 0, 1, 1, 1];
const probabilities = Float32Array.of(
  0.9,
  0.1,
  0,
  0.8,
  0.1,
  0.1,
  0.2,
  0.75,
  0.05,
  0.3,
  0.6,
  0.1,
  0,
  1,
  0,
  0.45,
  0.35,
  0.2,
);
const judged = judgeImages(labels, probabilities, 3);
const metrics = classificationMetrics(labels, probabilities, names);
const texts = (svg: string) => parseChart({ svg }).texts();
const textsOf = (svg: string, part: string) => parseChart({ svg }).textsOf(part);
const isRight = Uint8Array.from(labels, (label, i) => (label === judged.predicted[i] ? 1 : 0));

describe("reliability", () => {
  it("tells the expected calibration error of the metrics, before and after", () => {
    const bins = reliability(judged.confidence, isRight);
    const error = `${(100 * scalarMetrics(judged).expectedCalibrationError).toFixed(1)}\u00a0%`;
    const { alt, svg } = reliabilityDiagram(plotting, { after: bins, before: bins });
    expect(alt).toBe(
      `Reliability of 6 images: on average confidence and accuracy are ${error} apart; before the temperature ${error}.`,
    );
    expect(texts(svg)).toContain(`after the temperature, off by ${error}`);
    expect(reliabilityDiagram(plotting, { after: bins }).alt).not.toContain("before");
  });

  it("places a dot at the confidence and accuracy of each bin that has images", () => {
    const bins = reliability(judged.confidence, isRight);
    const dots = parseChart(reliabilityDiagram(plotting, { after: bins }))
      .elements('[data-part="dot"] circle')
      .map((dot) => [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))]);
    const seen = bins.filter(({ images }) => images > 0);
    expect(dots).toHaveLength(seen.length);
    for (const { confidence, accuracy } of seen) {
      // the axes go from 64 to 450 and from 330 up to 34; places are written to a hundredth
      const found = dots.some(
        ([x, y]) => Math.abs(x! - (64 + 386 * confidence)) < 0.01 && Math.abs(y! - (330 - 296 * accuracy)) < 0.01,
      );
      expect(found).toBe(true);
    }
  });

  it("says that there are no images", () => {
    expect(reliabilityDiagram(plotting, { after: reliability(new Float64Array(0), new Uint8Array(0)) }).svg).toContain(
      "no images to draw",
    );
    expect(reliabilityDiagram(plotting, { after: [] }).alt).toBe("Reliability: no images to draw.");
  });
});

describe("confidence", () => {
  it("counts right and wrong images apart, with their medians", () => {
    const { alt, svg } = confidenceHistogram(plotting, { confidence: judged.confidence, isRight });
    expect(alt).toBe(
      "Of 6 images 4 are right (median confidence 85.0\u00a0%), 2 are wrong (median confidence 60.0\u00a0%).",
    );
    expect(svg).toContain("right: 4 images");
    expect(svg).toContain("wrong: 2 images");
  });

  it("is drawn where nothing is wrong, of one image, and of none", () => {
    expect(confidenceHistogram(plotting, { confidence: [1], isRight: [1] }).alt).toBe(
      "Of 1 image 1 is right (median confidence 100.0\u00a0%), 0 are wrong.",
    );
    expect(confidenceHistogram(plotting, { confidence: [Number.NaN], isRight: [0] }).svg).toContain(
      "no images to draw",
    );
  });
});

describe("novelty", () => {
  it("counts what is called unknown, and 1 is not", () => {
    const { alt, svg } = noveltyHistogram(plotting, [0.2, 0.31, 1, 1.2, 7, Number.NaN]);
    expect(alt).toBe("Novelty of 5 images: median 1.00, largest 7.00; 2 (40.0\u00a0%) above 1 are called unknown.");
    expect(textsOf(svg, "legend")).toEqual(["familiar: 3", "unknown: 2"]);
    expect(svg).toContain("novelty (3 and more in the last bar)");
  });

  it("is drawn of one image, of equal ones, and of none", () => {
    expect(noveltyHistogram(plotting, [0]).alt).toContain("0 (0.0\u00a0%) above 1 are called unknown");
    expect(noveltyHistogram(plotting, new Array<number>(50).fill(0.5)).svg).not.toMatch(/NaN|undefined/);
    expect(noveltyHistogram(plotting, [Number.NaN]).svg).toContain("no images to draw");
  });
});

describe("precision, recall and F1", () => {
  it("put the worst class first, and say which has no images", () => {
    const { alt, svg } = perClassBars(plotting, metrics.perClass);
    const [crack, pore] = metrics.perClass.map(({ f1 }) => `${(100 * f1).toFixed(1)}\u00a0%`);
    expect([crack, pore]).toEqual(["66.7\u00a0%", "66.7\u00a0%"]);
    expect(alt).toBe(`F1 of 2 classes: each ${crack}. 1 of 3 classes has no images.`);
    expect(textsOf(svg, "y-axis tick label")).toEqual(["crack", "pore", "none"]);
    expect(svg).toContain(">no images<");
  });

  it("keep the 40 worst of 200 classes", () => {
    const perClass = Array.from({ length: 200 }, (_, k) => ({
      name: `c${k}`,
      precision: 1,
      recall: 1 - k / 250,
      f1: 1 - k / 400,
      support: 10,
    }));
    const { alt, svg, title } = perClassBars(plotting, perClass);
    expect(title).toBe("The 40 classes of lowest F1");
    expect(textsOf(svg, "y-axis tick label")).toEqual(Array.from({ length: 40 }, (_, i) => `c${199 - i}`));
    expect(alt).toContain(
      "lowest for c199 (50.2\u00a0%), c198 (50.5\u00a0%) and c197 (50.8\u00a0%), highest for c0 (100.0\u00a0%)",
    );
    expect(svg).toContain("worst 40 of 200 classes");
  });

  it("say that no class has images", () => {
    expect(
      perClassBars(plotting, [{ name: "a", precision: Number.NaN, recall: 0, f1: Number.NaN, support: 0 }]).svg,
    ).toContain("no class has images");
    expect(perClassBars(plotting, []).alt).toContain("no class has images");
  });
});

describe("the confusion matrix", () => {
  it("holds the counts, row by row", () => {
    const chart = confusionMatrix(plotting, { names, confusionMatrix: metrics.confusionMatrix })!;
    expect(chart.alt).toBe(
      "4 of 6 images (66.7\u00a0%) are called what they are; most often crack is called pore (1).",
    );
    expect(textsOf(chart.svg, "text")).toEqual(["2", "1", "1", "2", "·", "·", "·", "·", "·", "called", "it is"]);
  });

  it("is not drawn of more than 30 classes, and says that there are no images", () => {
    const of = (classes: number) => ({
      names: Array.from({ length: classes }, (_, k) => `c${k}`),
      confusionMatrix: Array.from({ length: classes }, () => new Array<number>(classes).fill(0)),
    });
    expect(confusionMatrix(plotting, of(31))).toBeUndefined();
    expect(confusionMatrix(plotting, of(2))!.svg).toContain("no images to draw");
  });
});
