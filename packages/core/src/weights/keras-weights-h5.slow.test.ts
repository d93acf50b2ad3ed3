import { expect, it } from "vitest";
import { fuzz, showReport } from "../testing/fuzz.js";

it("reads 20,000 hostile .weights.h5 files or refuses them with WeightsError, soon and in little memory", async () => {
  const report = await fuzz("hostile-weights-h5", { files: 20_000, seed: 1 });
  console.log(showReport(".weights.h5", report));
  expect(report.failures).toEqual([]);
  expect(report.files).toBe(20_000);
});
