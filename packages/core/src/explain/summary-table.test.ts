import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { efficientNet } from "../models/efficientnet.js";
import { kerasModelName } from "../models/variants.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { summarize } from "./summary.js";
import { summaryTable } from "./summary-table.js";

const lines = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe("summaryTable", () => {
  it("prints B0 to the letter as Keras 3 does", () => {
    const expected = lines(repositoryFolder("fixtures", "keras", "summary-EfficientNetB0.txt"));
    expect(summaryTable("efficientnetb0", summarize(efficientNet("efficientnet-b0")))).toEqual(expected);
  });

  it.for([
    ["EfficientNetB5", "efficientnet-b5"],
    ["EfficientNetV2B2", "efficientnet-v2-b2"],
  ] as const)("prints %s to the letter as Keras 3 does", ([recorded, name], context) => {
    const path = sharedFolder("golden", "summary", `${recorded}-keras3.txt`);
    if (!path || !existsSync(path)) return context.skip("the recorded summaries are not beside this checkout");
    const graph = efficientNet(name, { height: 128, width: 128 });
    expect(summaryTable(kerasModelName(name), summarize(graph))).toEqual(lines(path));
  });

  it("has a column and a total of multiply-adds where they are asked for", () => {
    const table = summaryTable("b0", summarize(efficientNet("efficientnet-b0")), { multiplyAdds: true });
    expect(new Set(table.slice(1, -4).map(({ length }) => length))).toEqual(new Set([126]));
    // 112 · 112 positions, 32 filters of 3 · 3 · 3
    expect(table.find((line) => line.startsWith("│ stem_conv (Conv2D)"))).toContain(" 10,838,016 │");
    expect(table.at(-1)).toMatch(/^ Multiply-adds: 38\d,\d{3},\d{3} for one image$/);
  });
});
