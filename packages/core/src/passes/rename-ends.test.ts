import { describe, expect, it } from "vitest";
import { check } from "../graph/check.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import { bind } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { goldenModel } from "../testing/golden-model.js";
import { cut, cutGraph } from "./cut.js";
import { renameEnds } from "./rename-ends.js";

const names = { input: "image", output: "stem" };
const model = goldenModel(cutGraph(efficientNet("efficientnet-b0", { height: 32, width: 32 }), "stem_activation"));

describe("renameEnds", () => {
  it("names input and output, their layers and their readers, and nothing else", () => {
    const renamed = renameEnds(model, names);
    check(renamed.graph);
    expect(renamed.graph.outputs).toEqual(["stem"]);
    expect(nodeOf(renamed.graph, "image")).toMatchObject({ op: "Input", layer: { name: "image" } });
    expect(nodeOf(renamed.graph, "rescaling").inputs).toEqual(["image"]);
    expect(nodeOf(renamed.graph, "stem")).toMatchObject({
      op: "Silu",
      layer: { className: "Activation", name: "stem" },
    });
    expect(renamed.weights).toEqual(model.weights);
    expect(renamed.graph.nodes.size).toBe(model.graph.nodes.size);
    expect(renamed.graph.nodes.get("stem_conv")).toEqual(model.graph.nodes.get("stem_conv"));
  });

  it("lets another node of the name give way", () => {
    const renamed = renameEnds(model, { ...names, output: "stem_bn" });
    check(renamed.graph);
    expect(nodeOf(renamed.graph, "stem_bn").inputs).toEqual(["stem_bn_inside"]);
    expect(nodeOf(renamed.graph, "stem_bn_inside").op).toBe("BatchNormalization");
  });

  it("refuses more than two ends", () => {
    expect(() => renameEnds(cut(model, "stem_bn", "stem_activation"), names)).toThrow(
      "renameEnds: expected one input and one output, got 1 inputs, 2 outputs",
    );
    const net = new GraphBuilder();
    net.add("Constant", "one", [], { shape: [], value_floats: [1] });
    expect(() => renameEnds(bind(net.build(["one"]), new Map()), names)).toThrow("got 0 inputs, 1 outputs");
  });
});
