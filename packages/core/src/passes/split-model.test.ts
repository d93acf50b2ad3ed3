import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "../graph/check.js";
import { GraphBuilder, nodesOf } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldGrayscale } from "./fold-grayscale.js";
import { splitModel } from "./split-model.js";

const network = (): Model =>
  foldBatchNorm(
    foldGrayscale(
      goldenModel(efficientNet("efficientnet-b0", { height: 48, width: 40, includeTop: false, pooling: "avg" })),
    ),
  );

const kernelsOf = (model: Model, prefix: string) =>
  nodesOf(model.graph, "Weight")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix));

describe("splitModel", () => {
  it.each(["top_conv", "block6a", "block2a_se", "block1a_dw"])(
    "splits below %s into two parts that give together what the whole gives",
    async (prefix) => {
      const model = network();
      const trained = kernelsOf(model, prefix);
      expect(trained.length).toBeGreaterThan(0);
      const { below, above, cut } = splitModel(model, trained);
      for (const graph of [below!.graph, above.graph]) expect(() => check(graph)).not.toThrow();
      for (const name of trained) {
        expect(above.weights.has(name)).toBe(true);
        expect(below!.weights.has(name)).toBe(false);
      }
      expect(below!.weights.size + above.weights.size).toBe(model.weights.size);
      const [input] = nodesOf(model.graph, "Input");
      const [output] = model.graph.outputs;
      const image = planes(goldenGray(2, 48, 40), [2, 48, 40], 1);
      const whole = await runModel(model, { [input!.name]: image });
      const middle = await runModel(below!, { [input!.name]: image });
      const parts = await runModel(above, { [cut]: middle[cut]! });
      // The session may block maps from another node on, which changes the order of sums: 1e-5 of the largest feature.
      const largest = Math.max(...whole[output!]!.data.map(Math.abs));
      for (const [i, value] of whole[output!]!.data.entries()) {
        expect(Math.abs(parts[output!]!.data[i]! - value)).toBeLessThan(1e-5 * largest);
      }
    },
  );

  it("never cuts within a residual: the cut alone leads from the image to the output", () => {
    const { cut } = splitModel(network(), kernelsOf(network(), "block2b_project"));
    expect(cut).toMatch(/^block2a_/);
  });

  it("leaves a model whole whose stem trains", () => {
    const model = network();
    const { below, above, cut } = splitModel(model, kernelsOf(model, "stem_conv"));
    expect(below).toBeUndefined();
    expect(above).toBe(model);
    expect(cut).toBe(nodesOf(model.graph, "Input")[0]!.name);
  });

  it("splits at the input of what has but a dense layer", () => {
    const net = new GraphBuilder();
    net.add("Input", "x", [], { shape: ["N", 4] });
    net.add("Weight", "w", [], { shape: [4, 2], trainable: true });
    net.add("Gemm", "y", ["x", "w"], { transA: 0, transB: 0 });
    const model = bind(net.build(["y"]), new Map([["w", { shape: [4, 2], data: new Float32Array(8) }]]));
    expect(splitModel(model, ["w"]).cut).toBe("x");
  });

  it("says which weight it does not know, and that there must be one", () => {
    expect(() => splitModel(network(), ["block9/kernel"])).toThrow(
      new GraphError("split: no trained weight block9/kernel"),
    );
    expect(() => splitModel(network(), [])).toThrow("split: no trained weight given");
  });
});
