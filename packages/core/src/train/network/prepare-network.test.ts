import { describe, expect, it } from "vitest";
import { GraphError, InputError } from "../../errors.js";
import { largestDifference } from "../../explain/largest-difference.js";
import { check } from "../../graph/check.js";
import { GraphBuilder, nodeOf, nodesOf } from "../../graph/graph.js";
import { type Model, weightOf } from "../../graph/model.js";
import { efficientNet } from "../../models/efficientnet.js";
import { type Activation, dense } from "../../models/layers.js";
import { cut } from "../../passes/cut.js";
import { planes, runModel } from "../../testing/direct-runtime.js";
import { goldenModel } from "../../testing/golden-model.js";
import { goldenGray } from "../../testing/golden-values.js";
import { type NetworkOptions, prepareNetwork } from "./prepare-network.js";

const backbone = goldenModel(
  efficientNet("efficientnet-b0", { height: 48, width: 40, includeTop: false, pooling: "avg" }),
);

function headOf(activation?: Activation): Model {
  const net = new GraphBuilder();
  net.add("Input", "features", [], { shape: ["N", 1280] });
  return goldenModel(net.build([dense(net, "features", "head", 3, activation)]));
}

const head = headOf({ op: "Softmax" });
const prepare = (options: NetworkOptions) => prepareNetwork(backbone, head, options);
const order = {
  allocate: (length: number) => new Float32Array(length),
  pack: ({ data }: { data: Float32Array }) => data,
  unpack: (data: Float32Array) => ({ shape: [], data }),
};

describe("prepareNetwork", () => {
  it("trains the head always, and kernels and biases of the layers named", () => {
    expect(prepare({ unfreeze: "head" }).trained).toEqual(["head/kernel", "head/bias"]);
    expect(prepare({ unfreeze: "top" })).toMatchObject({
      trained: ["top_conv/kernel", "head/kernel", "head/bias"],
      layers: ["top_conv", "top_bn"],
      batchNorm: "frozen",
    });
    expect(prepare({ unfreeze: "top", batchNorm: "train" }).trained).toEqual([
      "top_conv/kernel",
      "top_bn/gamma",
      "top_bn/beta",
      "head/kernel",
      "head/bias",
    ]);
  });

  it("has graphs that hold together, and trained weights above the cut alone", () => {
    for (const batchNorm of ["frozen", "train"] as const) {
      const { network, split, trained, logits } = prepare({ unfreeze: "block6", batchNorm });
      for (const graph of [network.graph, split.below!.graph, split.above.graph]) check(graph);
      for (const name of trained) {
        expect(split.above.graph.nodes.has(name)).toBe(true);
        expect(split.below!.graph.nodes.has(name)).toBe(false);
      }
      expect(split.above.graph.outputs).toEqual([logits]);
      expect(nodeOf(split.above.graph, logits).shape).toEqual(["N", 3]);
      expect(nodesOf(split.above.graph, "BatchNormalization").length > 0).toBe(batchNorm === "train");
    }
  });

  it.each(["frozen", "train"] as const)(
    "computes on one gray plane what the network does on three, normalizations %s",
    async (batchNorm) => {
      const { network, split, logits } = prepare({ unfreeze: "all", batchNorm });
      expect(split.below).toBeUndefined();
      const gray = goldenGray(2, 48, 40);
      const whole = await runModel(cut(network, logits), { input_layer: planes(gray, [2, 48, 40], 3) });
      const folded = await runModel(split.above, { [split.cut]: planes(gray, [2, 48, 40], 1) });
      // Folded weights are rounded once more, through 80 layers.
      for (const [i, value] of whole[logits]!.data.entries()) expect(folded[logits]!.data[i]).toBeCloseTo(value, 4);
    },
  );

  it.each(["frozen", "train"] as const)("holds what trains unfolded, and feeds the graph its own, %s", (batchNorm) => {
    const { network, split, trained, variable } = prepare({ unfreeze: "all", batchNorm });
    for (const name of trained) {
      const weight = weightOf(network, name).data;
      const held = variable(name, weight, order);
      expect(largestDifference(held.values, weight).difference, name).toBe(0);
      const read = weightOf(split.above, name).data;
      const { difference, scale } = largestDifference(held.input, read);
      expect(difference / scale, name).toBeLessThan(1e-6); // one float32 product more
    }
  });

  it("leaves the branches' dropout out where depth shall not be stochastic", () => {
    const dropouts = (stochasticDepth?: boolean) =>
      nodesOf(prepare({ unfreeze: "all", stochasticDepth }).split.above.graph, "Dropout").length;
    expect(dropouts()).toBeGreaterThan(5);
    expect(dropouts(true)).toBe(dropouts());
    expect(dropouts(false)).toBe(0);
  });

  it("names what does not fit", () => {
    expect(() => prepare({ unfreeze: "block9" })).toThrow(InputError);
    expect(() => prepareNetwork(backbone, headOf(), { unfreeze: "head" })).toThrow(
      new GraphError("head (Gemm): expected a head that ends in Softmax"),
    );
  });
});
