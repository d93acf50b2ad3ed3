import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "../graph/check.js";
import { nodeOf } from "../graph/graph.js";
import { efficientNet } from "../models/efficientnet.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { cut, cutGraph } from "./cut.js";

const model = goldenModel(efficientNet("efficientnet-lite0", { height: 32, width: 35, includeTop: false }));

describe("cut", () => {
  it("leaves out what lies above a layer, with its weights", () => {
    const { graph, weights } = cut(model, "block1a_project_bn");
    expect(graph.outputs).toEqual(["block1a_project_bn"]);
    expect([...graph.nodes.keys()].at(-1)).toBe("block1a_project_bn");
    expect([...weights.keys()].some((name) => name.startsWith("block2a"))).toBe(false);
    expect(weights.get("stem_conv/kernel")).toBe(model.weights.get("stem_conv/kernel"));
    expect(() => check(graph)).not.toThrow();
  });

  it("keeps what lies below as it was", () => {
    const { graph } = cut(model, "stem_activation");
    for (const node of graph.nodes.values()) expect(node).toEqual(nodeOf(model.graph, node.name));
  });

  it("gives several outputs in the order asked for, each with the values it has in the whole", async () => {
    const names = ["block2b_add", "stem_bn", "top_activation"];
    const x = planes(goldenGray(1, 32, 35), [1, 32, 35], 3);
    const parts = await runModel(cut(model, ...names), { input_layer: x });
    expect(Object.keys(parts)).toEqual(names);
    expect(parts["top_activation"]).toEqual((await runModel(model, { input_layer: x }))["top_activation"]);
  });

  it("gives an equal model where nothing lies above", () => {
    expect(cut(model, ...model.graph.outputs)).toEqual(model);
  });

  it("refuses a layer that the model does not have", () => {
    expect(() => cut(model, "stem_bn", "block9a_add")).toThrow(GraphError);
    expect(() => cut(model, "stem_bn", "block9a_add")).toThrow('no node named "block9a_add"');
    expect(() => cut(model, "avg_pool")).toThrow('no node named "avg_pool"');
  });

  it("refuses a layer named twice", () => {
    expect(() => cut(model, "stem_bn", "stem_bn")).toThrow("stem_bn: expected once among the outputs");
  });

  it("cuts a graph that has no weights yet", () => {
    expect(cutGraph(model.graph, "stem_bn")).toEqual(cut(model, "stem_bn").graph);
  });
});
