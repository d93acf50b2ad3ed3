import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { check } from "../graph/check.js";
import { type Graph, GraphBuilder, nodeOf } from "../graph/graph.js";
import { efficientNet } from "../models/efficientnet.js";
import { dense } from "../models/layers.js";
import { differentiate } from "./differentiate.js";

/** Two dense layers with a loss. */
function network(): Graph {
  const net = new GraphBuilder();
  net.add("Input", "features", [], { shape: ["N", 5] });
  const hidden = dense(net, "features", "dense", 4, { op: "Relu" });
  return withLoss(net, dense(net, hidden, "predictions", 3));
}

function withLoss(net: GraphBuilder, logits: string): Graph {
  net.add("Input", "targets", [], { shape: net.shape(logits) });
  net.add("Input", "scale", [], { shape: [] });
  net.add("SoftmaxCrossEntropy", "loss", [logits, "targets", "scale"], {});
  return net.build(["loss"]);
}

const allWeights = ["dense/kernel", "dense/bias", "predictions/kernel", "predictions/bias"];

describe("differentiate", () => {
  it("keeps every node and adds one output of the right shape for each weight", () => {
    const graph = network();
    const { graph: derived, gradients } = differentiate(graph, "loss", allWeights);
    check(derived);
    for (const node of graph.nodes.values()) expect(derived.nodes.get(node.name)).toEqual(node);
    expect([...gradients.keys()].sort()).toEqual([...allWeights].sort());
    expect(derived.outputs).toEqual(["loss", ...gradients.values()]);
    for (const [weight, gradient] of gradients) {
      expect(nodeOf(derived, gradient).shape).toEqual(nodeOf(graph, weight).shape);
    }
  });

  it("builds nothing for a frozen weight, nor for what lies below the lowest trained one", () => {
    const graph = network();
    const added = (weights: readonly string[]) =>
      [...differentiate(graph, "loss", weights).graph.nodes.keys()].filter((name) => !graph.nodes.has(name)).sort();
    // 1 and scale · 1, the gradient by the logits, and the sum of its rows.
    const bias = ["loss/dlogits", "loss/dy", "loss/scale", "predictions/db"];
    expect(added(["predictions/bias"])).toEqual(bias);
    expect(added(["predictions/kernel", "predictions/bias"])).toEqual([...bias, "predictions/dw"].sort());
    expect(added(allWeights)).not.toContain("dense/logits/dx");
  });

  it("asks no rule of what lies below a trained weight, so a head trains on a whole network", () => {
    const net = new GraphBuilder();
    const trunk = efficientNet("efficientnet-b0", { height: 32, width: 32, includeTop: false, pooling: "avg" });
    for (const node of trunk.nodes.values()) net.copy(node);
    const graph = withLoss(net, dense(net, trunk.outputs[0]!, "head", 3));
    const { graph: derived } = differentiate(graph, "loss", ["head/kernel", "head/bias"]);
    expect(derived.nodes.size).toBe(graph.nodes.size + 5);
  });

  it("takes a seed in the place of a scalar loss, of the same shape", () => {
    const net = new GraphBuilder();
    net.add("Input", "features", [], { shape: ["N", 5] });
    const logits = dense(net, "features", "predictions", 3);
    net.add("Input", "seed", [], { shape: ["N", 3] });
    const graph = net.build([logits, "seed"]);
    const { graph: derived, gradients } = differentiate(graph, logits, ["features"], "seed");
    check(derived);
    const gradient = nodeOf(derived, gradients.get("features")!);
    expect(gradient).toMatchObject({ op: "Gemm", inputs: ["seed", "predictions/kernel"], shape: ["N", 5] });
    expect(() => differentiate(graph, logits, ["features"], "features")).toThrow(
      "features: expected a seed of the shape of predictions, [N, 3], got [N, 5]",
    );
  });

  it("gives an output once where two weights share their gradient", () => {
    const net = new GraphBuilder();
    for (const name of ["a", "b"]) net.add("Weight", name, [], { shape: [2, 3], trainable: true });
    const graph = withLoss(net, net.add("Add", "sum", ["a", "b"], {}));
    const { graph: derived, gradients } = differentiate(graph, "loss", ["a", "b"]);
    expect(gradients.get("a")).toBe(gradients.get("b"));
    expect(derived.outputs).toHaveLength(2);
  });

  it("names the node where a gradient would have to pass an operator without rule", () => {
    const net = new GraphBuilder();
    net.add("Input", "features", [], { shape: ["N", 5] });
    const probabilities = dense(net, "features", "dense", 4, { op: "Softmax" });
    const graph = withLoss(net, dense(net, probabilities, "predictions", 3));
    expect(() => differentiate(graph, "loss", ["dense/kernel"])).toThrow(GraphError);
    expect(() => differentiate(graph, "loss", ["dense/kernel"])).toThrow("dense (Softmax): no gradient rule");
    expect(() => differentiate(graph, "loss", ["predictions/kernel"])).not.toThrow();
  });

  it("refuses a loss that is no scalar, one that does not depend on a weight, and unknown names", () => {
    const graph = network();
    expect(() => differentiate(graph, "predictions", allWeights)).toThrow(
      "predictions: expected a scalar loss, [], got [N, 3]",
    );
    const net = new GraphBuilder();
    net.add("Weight", "other", [], { shape: [3], trainable: true });
    for (const node of graph.nodes.values()) net.copy(node);
    expect(() => differentiate(net.build(["loss", "other"]), "loss", ["other"])).toThrow(
      "other: the loss loss does not depend on it",
    );
    expect(() => differentiate(graph, "loss", ["head/kernel"])).toThrow('no node named "head/kernel"');
    expect(() => differentiate(graph, "loss", ["targets"])).toThrow(
      "loss (SoftmaxCrossEntropy): has no gradient by its input targets",
    );
  });
});
