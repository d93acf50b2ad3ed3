import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { efficientNet } from "../models/efficientnet.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { summarize } from "./summary.js";
import { summaryTable } from "./summary-table.js";

it("prints B0 to the letter as Keras 3 does", () => {
  const expected = readFileSync(repositoryFolder("fixtures", "keras", "summary-EfficientNetB0.txt"), "utf8");
  const lines = summaryTable("efficientnetb0", summarize(efficientNet("efficientnet-b0")));
  expect(lines).toEqual(expected.trimEnd().split("\n"));
});
