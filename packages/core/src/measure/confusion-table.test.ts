import { describe, expect, it } from "vitest";
import { confusionTable } from "./confusion-table.js";
import { classificationMetrics } from "./metrics.js";

/** Metrics of certain predictions: pairs of true and predicted class. */
function metricsOf(names: readonly string[], pairs: readonly (readonly [number, number])[]) {
  const probabilities = new Float32Array(pairs.length * names.length);
  pairs.forEach(([, predicted], i) => {
    probabilities[i * names.length + predicted] = 1;
  });
  return classificationMetrics(
    pairs.map(([truth]) => truth),
    probabilities,
    names,
  );
}
const numbered = (count: number) => Array.from({ length: count }, (_, k) => `class ${k}`);

describe("confusion table", () => {
  it("aligns names, counts and metrics", () => {
    const pairs = [...new Array<readonly [number, number]>(12).fill([0, 0]), [0, 1], [1, 1], [1, 0], [2, 1]] as const;
    expect(confusionTable(metricsOf(["crazing", "patches", "rolled-in_scale"], pairs))).toEqual([
      "   true \\ predicted   1  2  3",
      "1  crazing           12  1  .",
      "2  patches            1  1  .",
      "3  rolled-in_scale    .  1  .",
      "",
      "   class            precision  recall      F1  images",
      "1  crazing             92.3 %  92.3 %  92.3 %      13",
      "2  patches             33.3 %  50.0 %  40.0 %       2",
      "3  rolled-in_scale      0.0 %   0.0 %   0.0 %       1",
    ]);
  });

  it("shows no metric of a class without images", () => {
    const lines = confusionTable(
      metricsOf(
        ["a", "b", "c"],
        [
          [0, 0],
          [1, 2],
        ],
      ),
    );
    expect(lines.slice(-3)).toEqual([
      "1  a        100.0 %  100.0 %  100.0 %       1",
      "2  b          0.0 %    0.0 %    0.0 %       1",
      "3  c              –        –        –       0",
    ]);
  });

  it("shows 20 classes in full and only the worst confusions of 21", () => {
    const pairs = [
      [0, 1],
      [0, 1],
      [3, 2],
      [5, 5],
    ] as const;
    expect(confusionTable(metricsOf(numbered(20), pairs))).toHaveLength(43);
    expect(confusionTable(metricsOf(numbered(21), pairs))).toEqual([
      "21 classes; the 2 most frequent of 2 confusions:",
      "   true     predicted as  images     part",
      "1  class 0  class 1       2 of 2  100.0 %",
      "2  class 3  class 2       1 of 1  100.0 %",
    ]);
    expect(confusionTable(metricsOf(numbered(21), [[7, 7]]))).toEqual(["21 classes, no confusions"]);
  });

  it("cuts long names, counts wide characters twice and lets no name steer the terminal", () => {
    const names = ["a very long name of a class indeed", "欠陥", "\u001b[31mred\n", "ꦲꦏ꧀ꦱꦫ"];
    const lines = confusionTable(
      metricsOf(names, [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ]),
    ).slice(0, 5);
    expect(lines).toEqual([
      "   true \\ predicted          1  2  3  4",
      "1  a very long name of a c…  1  .  .  .",
      "2  欠陥                      .  1  .  .",
      "3  ?[31mred?                 .  .  1  .",
      "4  ꦲꦏ꧀ꦱꦫ                      .  .  .  1",
    ]);
  });
});
