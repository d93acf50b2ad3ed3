import { judgeImages, rankAreas, SeededRandom } from "@grayling/core";
import { beforeAll, describe, expect, it } from "vitest";
import { parseChart } from "../../testing/parse-chart.js";
import { loadPlot, type Plotting } from "./load-plot.js";
import { precisionRecallCurves } from "./precision-recall-curves.js";
import { rocCurves } from "./roc-curves.js";

let plotting: Plotting;
beforeAll(async () => {
  plotting = await loadPlot();
});

/** Images whose own class is the likelier the lower its index. */
function madeClasses(classes: number, images: number) {
  const random = new SeededRandom(1);
  const labels = Array.from({ length: images }, (_, i) => i % classes);
  const probabilities = Float32Array.from({ length: images * classes }, (_, i) => {
    const [image, k] = [Math.floor(i / classes), i % classes];
    return (random.next() + (labels[image] === k ? 0.8 - (0.6 * k) / classes : 0)) / classes;
  });
  const { ranked } = judgeImages(labels, probabilities, classes);
  return { names: Array.from({ length: classes }, (_, k) => `kind ${k + 1}`), ranked };
}

const areasOf = ({ names, ranked }: ReturnType<typeof madeClasses>, which: "rocAuc" | "averagePrecision") =>
  ranked
    .map((own, k) => ({ name: names[k]!, area: rankAreas(own, new Float64Array(own.order.length).fill(1))[which] }))
    .sort((a, b) => a.area - b.area);

const linesOf = (chart: { readonly svg: string }) =>
  parseChart(chart)
    .elements('[data-part="line"] path')
    .map((path) =>
      path
        .getAttribute("d")!
        .slice(1)
        .split("L")
        .map((pair) => pair.split(",").map(Number)),
    );

describe("ROC and precision-recall curves", () => {
  it("name up to ten classes with their areas, the lowest first", () => {
    const made = madeClasses(10, 400);
    for (const [chart, which] of [
      [rocCurves, "rocAuc"],
      [precisionRecallCurves, "averagePrecision"],
    ] as const) {
      const drawn = chart(plotting, made);
      const areas = areasOf(made, which);
      expect(parseChart(drawn).textsOf("legend")).toEqual(areas.map(({ name, area }) => `${name} ${area.toFixed(3)}`));
      const mean = areas.reduce((sum, { area }) => sum + area, 0) / 10;
      expect(drawn.alt).toContain(`is ${mean.toFixed(3)}, lowest for ${areas[0]!.name} ${areas[0]!.area.toFixed(3)}`);
    }
  });

  it("of more classes name the mean and the worst five, and keep the others in one gray", () => {
    const made = madeClasses(24, 960);
    const drawn = rocCurves(plotting, made);
    const areas = areasOf(made, "rocAuc");
    const mean = areas.reduce((sum, { area }) => sum + area, 0) / 24;
    const worst = areas.slice(0, 5).map(({ name, area }) => `${name} ${area.toFixed(3)}`);
    const rest = `19 more ${areas[5]!.area.toFixed(2)}–${areas.at(-1)!.area.toFixed(2)}`;
    expect(parseChart(drawn).textsOf("legend")).toEqual([`mean ${mean.toFixed(3)}`, ...worst, rest]);
  });

  it("of 200 classes and 5,000 images stay under 120 kB and 200 points a line", () => {
    const made = madeClasses(200, 5000);
    for (const chart of [rocCurves, precisionRecallCurves]) {
      const drawn = chart(plotting, made);
      expect(drawn.svg.length).toBeLessThan(120_000);
      for (const line of linesOf(drawn)) expect(line.length).toBeLessThanOrEqual(200);
    }
  });

  it("go from corner to corner", () => {
    const points = linesOf(rocCurves(plotting, madeClasses(2, 60))).at(-1)!; // after the diagonal
    expect(points[0]).toEqual([64, 348]); // 0 %, 0 %
    expect(points.at(-1)).toEqual([450, 34]); // 100 %, 100 %
  });

  it("leave out classes without images, and say so", () => {
    const made = madeClasses(3, 60);
    const without = {
      names: [...made.names, "rare"],
      ranked: [...made.ranked, { ...made.ranked[0]!, isPositive: new Uint8Array(60) }],
    };
    const drawn = rocCurves(plotting, without);
    expect(drawn.alt).toContain("1 of 4 classes has none, without images of their own or of others.");
    expect(parseChart(drawn).textsOf("legend")).toHaveLength(3);
    const none = precisionRecallCurves(plotting, { names: ["rare"], ranked: [without.ranked[3]!] });
    expect(none.alt).toBe("Precision-recall curves: nothing to draw, no class has images of its own and of others.");
    expect(none.svg).toContain("nothing to draw");
  });
});
