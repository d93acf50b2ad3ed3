import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { check } from "../../graph/check.js";
import { type Graph, GraphBuilder, isOp } from "../../graph/graph.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { conventions } from "../conventions.js";
import { type EfficientNetOptions, efficientNet } from "../efficientnet.js";
import { dense, single } from "../layers.js";
import { type ModelName, modelNames } from "../variants.js";
import { readKerasConfig } from "./read-keras-config.js";
import { writeKerasConfig } from "./write-keras-config.js";

/** What Keras wrote into a file of the golden fixtures; see fixtures/keras-config/extract-configs.py. */
const goldenConfig = (name: string): unknown =>
  JSON.parse(
    gunzipSync(readFileSync(repositoryFolder("fixtures", "keras-config", `${name}.json.gz`))).toString("utf8"),
  );

/** As JSON has it: nothing but data. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const nodesAndOutputs = ({ nodes, outputs }: Graph) => [[...nodes.values()], outputs];

/** B0 with the head of the golden fixtures' user, for 84 x 112. */
function userModel(): Graph {
  const trunk = efficientNet("efficientnet-b0", { height: 84, width: 112, includeTop: false, pooling: "max" });
  const net = new GraphBuilder();
  for (const node of trunk.nodes.values()) net.copy(node);
  const flat = single(net, "Flatten", "Flatten", "flatten", ["max_pool"], {});
  return net.build([dense(net, flat, "dense", 9, { op: "Softmax" })]);
}

/** Keras 2 stores 1/√std as float32. */
const roundedScales = (graph: Graph) =>
  [...graph.nodes.values()].map((node) =>
    isOp(node, "Rescaling") ? { ...node, attrs: { ...node.attrs, scale: node.attrs.scale.map(Math.fround) } } : node,
  );

describe("the description of a network", () => {
  const topologies = ["imagenet", "none"] as const;
  const cases = modelNames.flatMap((name) => topologies.map((topology) => [name, topology] as const));

  it.each(cases)("comes back as the same graph: %s, %s", (name, topology) => {
    const graph = efficientNet(name, { topology });
    const read = readKerasConfig(throughJson(writeKerasConfig(graph, { name: "model_7" })));
    expect(nodesAndOutputs(read.graph)).toEqual(nodesAndOutputs(graph));
    expect([read.kind, read.name, read.notes]).toEqual(["functional", "model_7", []]);
  });

  const others: readonly (readonly [string, ModelName, EfficientNetOptions])[] = [
    ["one channel", "efficientnet-b0", { channels: 1 }],
    ["V2 with other preprocessing for one channel", "efficientnet-v2-b0", { channels: 1 }],
    ["without top", "efficientnet-v2-s", { includeTop: false }],
    ["pooled, odd extents", "efficientnet-b2", { includeTop: false, pooling: "max", height: 33, width: 47 }],
    ["logits", "efficientnet-b0", { classifierActivation: "none", classes: 3 }],
    ["V1 that pads as if even", "efficientnet-b0", { convention: "keras-unsized", height: 33, width: 47 }],
    ["V1 of timm", "efficientnet-b0", { convention: "timm", height: 64, width: 47 }],
    ["V1 of torchvision", "efficientnet-b5", { convention: "torchvision", height: 64, width: 47 }],
  ];
  it.each(others)("comes back as the same graph: %s", (_, name, options) => {
    const graph = efficientNet(name, options);
    const read = readKerasConfig(throughJson(writeKerasConfig(graph)));
    expect(nodesAndOutputs(read.graph)).toEqual(nodesAndOutputs(graph));
  });

  it.each(conventions)("of every convention can be written and read: %s", (convention) => {
    const graph = efficientNet("efficientnet-v2-s", { convention, height: 64, width: 47, includeTop: false });
    const read = readKerasConfig(throughJson(writeKerasConfig(graph)));
    check(read.graph);
    expect(read.graph.nodes.get("top_activation")!.shape).toEqual(graph.nodes.get("top_activation")!.shape);
  });
});

describe("the description in a file of Keras", () => {
  it.each(["user_model.keras", "user_model_keras3.h5"])("is read as the network that it is: %s", (file) => {
    const { graph, kind, name, notes } = readKerasConfig(goldenConfig(file));
    expect(nodesAndOutputs(graph)).toEqual(nodesAndOutputs(userModel()));
    expect([kind, name, notes]).toEqual(["sequential", "sequential", []]);
  });

  it("is read as the network that it is, of Keras 2, whose rescaling by 1/√std is a function of TensorFlow", () => {
    const { graph, notes } = readKerasConfig(goldenConfig("user_model.h5"));
    expect(roundedScales(graph)).toEqual(roundedScales(userModel()));
    expect(notes).toEqual([]);
  });

  it.each([
    [84, 112],
    [33, 47],
  ])("that declares no size is read for the one that is given: %i x %i", (height, width) => {
    const { graph, notes } = readKerasConfig(goldenConfig("efficientnetb0_notop.keras"), { height, width });
    const expected = efficientNet("efficientnet-b0", { height, width, includeTop: false, convention: "keras-unsized" });
    expect(nodesAndOutputs(graph)).toEqual(nodesAndOutputs(expected));
    expect(notes).toEqual([
      expect.stringContaining("pad as if every height and width were even"),
      `declared as [null,null,null,3], without a size: read for ${height} x ${width}`,
    ]);
  });

  it.each([
    ["efficientnetb0_notop.keras", {}, "the model is declared without a height"],
    ["efficientnetb0_notop.keras", { height: 84 }, "the model is declared without a width"],
    ["efficientnetb0_notop.keras", { height: 84, width: 0.5 }, "width 0.5, expected a whole number from 1 to 65536"],
    ["efficientnetb0_notop.keras", { height: 84, width: 10 ** 9 }, "width 1000000000, expected a whole number"],
    ["user_model.keras", { height: 84, width: 113 }, "width 113, expected 112, which the model is declared with"],
  ])("needs a size that fits: %s, %o", (file, size, message) => {
    const read = () => readKerasConfig(goldenConfig(file), size);
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });
});
