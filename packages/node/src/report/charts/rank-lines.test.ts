import { rankScores } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { meanLine, precisionRecallKind, type RankLine, rankLines, rocKind } from "./rank-lines.js";

/** Ten images, four of them of the class, with scores that tie across both. */
const isOfClass = Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 0, 0, 0);
const scores = Float32Array.of(0.9, 0.8, 0.8, 0.7, 0.6, 0.6, 0.6, 0.4, 0.2, 0.1);
const ranked = rankScores(scores, isOfClass);
const none = rankScores(scores, new Uint8Array(10));

/** By trapezoids. */
const areaUnder = ({ points }: Pick<RankLine, "points">): number =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i]!.x) * (y + points[i]!.y)) / 2, 0);

describe("rank lines", () => {
  it("are scikit-learn's ROC curve", () => {
    // scikit-learn 1.9.1, roc_curve(y, score), which drops what lies between corners as well, and roc_auc_score
    const [line] = rankLines({ names: ["a"], ranked: [ranked] }, rocKind);
    expect(line!.points.map(({ x }) => x)).toEqual([0, 0, 1 / 6, 1 / 6, 3 / 6, 1]);
    expect(line!.points.map(({ y }) => y)).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
    expect(line!.area).toBeCloseTo(0.8541666666666667, 12);
    expect(areaUnder(line!)).toBeCloseTo(line!.area, 12);
  });

  it("are scikit-learn's precisions at each recall, as steps whose area is the average precision", () => {
    // precision_recall_curve: precisions 1, 2/3, 3/4, 4/7 where the recall rises to 1/4 … 1; average_precision_score
    const [line] = rankLines({ names: ["a"], ranked: [ranked] }, precisionRecallKind);
    expect(line!.points).toEqual([
      { x: 0, y: 1 },
      { x: 0.25, y: 1 },
      { x: 0.25, y: 2 / 3 },
      { x: 0.5, y: 2 / 3 },
      { x: 0.5, y: 0.75 },
      { x: 0.75, y: 0.75 },
      { x: 0.75, y: 4 / 7 },
      { x: 1, y: 4 / 7 },
    ]);
    expect(line!.area).toBeCloseTo(0.7470238095238095, 12);
    expect(areaUnder(line!)).toBeCloseTo(line!.area, 12);
  });

  it("leave out classes without images of their own or of others", () => {
    const lines = rankLines({ names: ["a", "b"], ranked: [none, ranked] }, rocKind);
    expect(lines.map(({ name }) => name)).toEqual(["b"]);
    expect(rankLines({ names: ["a"], ranked: [rankScores(new Float32Array(0), new Uint8Array(0))] }, rocKind)).toEqual(
      [],
    );
  });

  it("have a mean that is each where they are the same, and half way where they are two", () => {
    for (const kind of [rocKind, precisionRecallKind]) {
      const lines = rankLines({ names: ["a", "b"], ranked: [ranked, ranked] }, kind);
      const mean = meanLine(lines, kind);
      expect(mean.area).toBeCloseTo(lines[0]!.area, 12);
      // Steps of 1/100 cut the corners of eight steps of at most 1/2: 8 · 1/200 · 1/2 at most.
      expect(Math.abs(areaUnder(mean) - lines[0]!.area)).toBeLessThan(0.02);
    }
    const perfect = rankScores(Float32Array.from(isOfClass), isOfClass);
    const both = rankLines({ names: ["a", "b"], ranked: [ranked, perfect] }, rocKind);
    const half = meanLine(both, rocKind).points.find(({ x }) => x === 0.1)!;
    expect(half.y).toBeCloseTo((0.25 + 0.25 * 0.6 + 1) / 2, 12); // 0.6 of the way from 0 to 1/6
  });
});
