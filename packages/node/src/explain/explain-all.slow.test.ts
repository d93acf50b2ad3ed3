import { modelNames } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { explainAll } from "./explain-all.js";
import { relative, roundingLimit } from "./fold-proof.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

describe("explaining all networks", () => {
  it("proves the fold of every one, rounding only", async () => {
    const seen: string[] = [];
    const options = { height: 75, width: 64, weights: "random", seed: 1 };
    for await (const { model, proof, trace, channelsAtStem } of explainAll(runtime, modelNames, options)) {
      seen.push(model);
      for (const one of [proof.stem, proof.features]) {
        expect(one.scale, model).toBeGreaterThan(0.1); // calm, but not silent
        expect(one.scale, model).toBeLessThan(1000);
        expect(relative(one), model).toBeLessThan(roundingLimit);
      }
      expect(channelsAtStem, model).toBe(trace.failure ? 1 : 3);
    }
    expect(seen).toEqual(modelNames);
  }, 300_000);
});
