import { describe, expect, it } from "vitest";
import { bind, type Model, type Weights } from "../graph/model.js";
import { isSameTensor } from "../graph/tensor.js";
import { efficientNet } from "../models/efficientnet.js";
import { foldBatchNorm } from "../passes/fold-batch-norm.js";
import { goldenModel } from "../testing/golden-model.js";
import { assignWeights } from "./assign-weights.js";
import { expectedWeights } from "./expected-weights.js";
import { initialize } from "./initialize.js";
import { readSafetensors } from "./safetensors.js";
import { writeSafetensorsAs } from "./write-safetensors-as.js";

const size = { height: 32, width: 32, classes: 10 };
const b0 = goldenModel(efficientNet("efficientnet-b0", { ...size, convention: "timm-tf" }));
const keras = goldenModel(efficientNet("efficientnet-b0", size));
/** By hand: on failure, Vitest would print what differs in five million numbers. */
const differing = (a: Weights, b: Weights): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((name) => !isSameTensor(a.get(name)!, b.get(name)!));
const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const replaced = ({ graph, weights }: Model, name: string, ...values: number[]): Model => {
  const { shape } = weights.get(name)!;
  return { graph, weights: new Map([...weights, [name, { shape, data: Float32Array.from(values) }]]) };
};

describe("writeSafetensorsAs", () => {
  it.each(["keras", "timm", "torchvision"] as const)("is read back bit by bit with the names of %s", (naming) => {
    const bytes = writeSafetensorsAs(b0, naming, { model: "b0" });
    const file = readSafetensors(bytes);
    expect(file.metadata["model"]).toBe("b0");
    expect(differing(assignWeights(expectedWeights(b0.graph), file, naming), b0.weights)).toEqual([]);
    expect(isSame(writeSafetensorsAs(b0, naming, { model: "b0" }), bytes)).toBe(true);
  });

  it("writes a whole state dict: a counter of int64 beside each normalization, the classifier as [out, in]", () => {
    const bytes = writeSafetensorsAs(b0, "timm");
    const { tensors, metadata } = readSafetensors(bytes);
    expect(metadata).toEqual({ format: "pt" });
    expect(tensors.size).toBe(360);
    expect(tensors.get("classifier.weight")!.shape).toEqual([10, 1280]);
    expect(tensors.get("bn1.num_batches_tracked")).toEqual({ shape: [], data: Float32Array.of(0) });
    expect(new TextDecoder().decode(bytes)).toContain('"bn1.num_batches_tracked":{"dtype":"I64","shape":[],');
  });

  it("leaves behind Keras' normalization where it is ImageNet's, with and without the rescaling that repairs it", () => {
    const expected = writeSafetensorsAs(b0, "timm");
    expect(isSame(writeSafetensorsAs(keras, "timm"), expected)).toBe(true);
    const plain = goldenModel(efficientNet("efficientnet-b0", { ...size, topology: "none" }));
    const squared = replaced(plain, "normalization/variance", 0.229 ** 2, 0.224 ** 2, 0.225 ** 2);
    expect(isSame(writeSafetensorsAs(squared, "timm"), expected)).toBe(true);
  });

  it.each([
    ["variance", "0.229, 0.224, 0.225", replaced(keras, "normalization/variance", 1, 1, 1)],
    ["mean", "0.485, 0.456, 0.406", replaced(keras, "normalization/mean", 0, 0, 0)],
  ])("refuses another %s than ImageNet's", (variable, wanted, model) => {
    expect(() => writeSafetensorsAs(model, "timm")).toThrow(
      `normalization/${variable}: timm's files hold no preprocessing, expected ImageNet's [${wanted}], got [`,
    );
  });

  it("refuses a folded network", () => {
    expect(() => writeSafetensorsAs(foldBatchNorm(b0), "torchvision")).toThrow(
      "stem_bn/bias: torchvision's network has no place for this weight; unfold the model first",
    );
  });

  it("refuses weights with no layer of EfficientNet's", () => {
    const graph = efficientNet("efficientnet-b0", { ...size, convention: "timm-tf" });
    const nodes = new Map(
      [...graph.nodes].map(([name, node]) =>
        node.layer?.name === "predictions"
          ? [name, { ...node, layer: { name: "head", className: "Dense" } }]
          : [name, node],
      ),
    );
    const model = bind({ ...graph, nodes }, initialize(graph, 1));
    expect(() => writeSafetensorsAs(model, "timm")).toThrow("predictions/kernel: timm's network has no place");
  });
});
