import { expect, it } from "vitest";
import { fuzz, showReport } from "../testing/fuzz.js";

it("reads 20,000 hostile safetensors files or refuses them with WeightsError, soon and in little memory", async () => {
  const report = await fuzz("hostile-safetensors", { files: 20_000, seed: 1 });
  console.log(showReport("safetensors", report));
  expect(report.failures).toEqual([]);
  expect(report.files).toBe(20_000);
});
