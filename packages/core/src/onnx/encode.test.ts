import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { OnnxGraph } from "../lower/lowering.js";
import { encode } from "./encode.js";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
} from "./onnx_pb.js";

/** One node of every kind of attribute, both kinds of constant; the float constant is a view into a larger buffer. */
const graph: OnnxGraph = {
  nodes: [
    {
      op: "Conv",
      domain: "",
      inputs: ["x", "kernel"],
      output: "conv",
      attrs: { group: 2, pads: [0, -1, 1, 2], auto_pad: "NOTSET", alpha: { float: 0.1 } },
    },
    { op: "Own", domain: "com.microsoft", inputs: ["conv", ""], output: "y", attrs: {} },
  ],
  constants: new Map([
    ["kernel", { shape: [2, 1], data: new Float32Array([9, 1.5, -2, 9]).subarray(1, 3) }],
    ["extents", { shape: [2], data: BigInt64Array.of(-1n, 4_294_967_296n) }],
    ["scalar", { shape: [], data: Float32Array.of(7) }],
  ]),
  inputs: [{ name: "x", shape: ["N", 1, 4, 6] }],
  outputs: [{ name: "y", shape: ["N", 2] }],
};

const decoded = fromBinary(ModelProtoSchema, encode(graph, { zebra: "1", ape: "ä 猫", empty: "" }));

describe("encode", () => {
  it("writes version 8 of the format, opset 17 and version 1 of other domains", () => {
    expect(decoded.irVersion).toBe(8n);
    expect(decoded.producerName).toBe("grayling");
    const versions = decoded.opsetImport.map(({ domain, version }) => [domain, version]);
    expect(versions).toEqual([
      ["", 17n],
      ["com.microsoft", 1n],
    ]);
  });

  it("names the operator set where no node needs it: a file without one is not valid", () => {
    const bare = fromBinary(ModelProtoSchema, encode({ ...graph, nodes: [] }));
    expect(bare.opsetImport.map(({ version }) => version)).toEqual([17n]);
  });

  it("keeps metadata in the order given, in any script", () => {
    expect(decoded.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ["zebra", "1"],
      ["ape", "ä 猫"],
      ["empty", ""],
    ]);
  });

  it("writes nodes in order, each named after its output", () => {
    const nodes = decoded.graph!.node.map(({ name, opType, domain, input, output }) => {
      return { name, opType, domain, input, output };
    });
    expect(nodes).toEqual([
      { name: "conv", opType: "Conv", domain: "", input: ["x", "kernel"], output: ["conv"] },
      { name: "y", opType: "Own", domain: "com.microsoft", input: ["conv", ""], output: ["y"] },
    ]);
  });

  it("writes each attribute as ONNX types it", () => {
    const [group, pads, autoPad, alpha] = decoded.graph!.node[0]!.attribute;
    expect(group).toMatchObject({ name: "group", type: AttributeType.INT, i: 2n });
    expect(pads).toMatchObject({ name: "pads", type: AttributeType.INTS, ints: [0n, -1n, 1n, 2n] });
    expect(autoPad).toMatchObject({ name: "auto_pad", type: AttributeType.STRING });
    expect(new TextDecoder().decode(autoPad!.s)).toBe("NOTSET");
    expect(alpha).toMatchObject({ name: "alpha", type: AttributeType.FLOAT, f: Math.fround(0.1) });
  });

  it("writes constants little-endian with their extents, a view's own values only", () => {
    const [kernel, extents, scalar] = decoded.graph!.initializer;
    expect(kernel).toMatchObject({ name: "kernel", dims: [2n, 1n], dataType: DataType.FLOAT });
    expect([...kernel!.rawData]).toEqual([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]);
    expect(extents).toMatchObject({ name: "extents", dims: [2n], dataType: DataType.INT64 });
    expect([...extents!.rawData]).toEqual([255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(scalar).toMatchObject({ name: "scalar", dims: [] });
  });

  it("gives inputs and outputs their extents, the batch by its symbol", () => {
    const shapes = [...decoded.graph!.input, ...decoded.graph!.output].map(({ name, type }) => {
      const tensor = type!.value.case === "tensorType" ? type!.value.value : undefined;
      return [name, tensor!.elemType, tensor!.shape!.dim.map(({ value }) => value)];
    });
    const [batch, extent] = [
      (value: string) => ({ case: "dimParam", value }),
      (value: bigint) => ({ case: "dimValue", value }),
    ];
    expect(shapes).toEqual([
      ["x", DataType.FLOAT, [batch("N"), extent(1n), extent(4n), extent(6n)]],
      ["y", DataType.FLOAT, [batch("N"), extent(2n)]],
    ]);
  });

  it("gives equal bytes for equal input", () => {
    const copy: OnnxGraph = { ...graph, constants: new Map(graph.constants) };
    expect(encode(copy, { a: "1" })).toEqual(encode(graph, { a: "1" }));
    expect(encode(copy, { a: "2" })).not.toEqual(encode(graph, { a: "1" }));
  });
});
