import { describe, expect, it } from "vitest";
import { GraphError } from "../../errors.js";
import { type Graph, GraphBuilder } from "../../graph/graph.js";
import { runModel } from "../../testing/direct-runtime.js";
import { dense, single } from "../layers.js";
import { flattenedKernels, rowsFromKeras, rowsToKeras, withKerasRows } from "./flatten-order.js";

/** A map of 2 channels, 3 rows, 4 columns; `after` gets its flattened values. */
function flattening(after: (net: GraphBuilder, flat: string) => string, shape = [2, 3, 4]): Graph {
  const net = new GraphBuilder();
  const x = net.add("Input", "x", [], { shape: ["N", ...shape] });
  return net.build([after(net, single(net, "Flatten", "Flatten", "flatten", [x], {}))]);
}

const map = { channels: 2, height: 3, width: 4 };
const kernel = { shape: [24, 2], data: Float32Array.from({ length: 48 }, (_, i) => i) };

describe("the rows of a dense layer after a flattened map", () => {
  it("are found through what acts on each value by itself", () => {
    const graph = flattening((net, flat) => {
      const dropped = net.add("Dropout", "dropout", [flat], { rate: 0.5, noise: "element" });
      return dense(net, net.add("Relu", "relu", [dropped], {}), "dense", 2, { op: "Softmax" });
    });
    expect(flattenedKernels(graph)).toEqual(new Map([["dense/kernel", map]]));
  });

  it.each([
    ["of one pixel", [2, 1, 1]],
    ["of one channel", [1, 3, 4]],
    ["that is a vector", [5]],
  ])("lie as in Keras for a map %s", (_, shape) => {
    expect(flattenedKernels(flattening((_, flat) => flat, shape))).toEqual(new Map());
  });

  it("go there and back unchanged", () => {
    const ours = rowsFromKeras(kernel, map);
    expect(ours.data).not.toEqual(kernel.data);
    expect(rowsToKeras(ours, map)).toEqual(kernel);
  });

  it("give what Keras' kernel gives for channels that lie last", async () => {
    const graph = flattening((net, flat) => dense(net, flat, "dense", 2));
    const weights = new Map([
      ["dense/kernel", rowsFromKeras(kernel, map)],
      ["dense/bias", { shape: [2], data: new Float32Array(2) }],
    ]);
    const x = Float32Array.from({ length: 24 }, (_, i) => (i * 7) % 24);
    const { dense: output } = await runModel({ graph, weights }, { x: { shape: [1, 2, 3, 4], data: x } });
    // Value (c, pixel) meets Keras' row pixel · 2 + c; whole numbers below 2²⁴ are exact in float32.
    const expected = [0, 0];
    for (const [i, value] of x.entries()) {
      for (const unit of [0, 1])
        expected[unit]! += value * kernel.data[((i % 12) * 2 + Math.floor(i / 12)) * 2 + unit]!;
    }
    expect([...output!.data]).toEqual(expected);
    expect(withKerasRows({ graph, weights }).weights.get("dense/kernel")).toEqual(kernel);
  });

  it.each<[string, (net: GraphBuilder, flat: string) => string]>([
    ["the model's output", (_, flat) => flat],
    ["softmax (Softmax)", (net, flat) => net.add("Softmax", "softmax", [flat], {})],
    ["reshape (Reshape)", (net, flat) => net.add("Reshape", "reshape", [flat], { shape: ["N", 24, 1, 1] })],
  ])("are refused where it is %s that reads the values", (reader, after) => {
    const find = () => flattenedKernels(flattening(after));
    expect(find).toThrow(GraphError);
    expect(find).toThrow(`expected a dense layer to read it, got ${reader}. Pool the map first`);
  });
});
