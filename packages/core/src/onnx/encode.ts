/** Writes a lowered graph as an ONNX file. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { OnnxGraph, OnnxValue } from "../lower/lowering.js";
import type { OnnxAttribute, OnnxConstant, OnnxNode } from "../lower/onnx-builder.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.js";

/** ONNX 1.12: known to every runtime of the last years. */
const irVersion = 8n;
const opset = 17n;

/** The bytes of an ONNX file. `metadata` is kept beside the graph, in the order given; equal input, equal bytes. */
export function encode(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  const domains = [...new Set(["", ...graph.nodes.map(({ domain }) => domain)])];
  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: domains.map((domain) => ({ domain, version: domain === "" ? opset : 1n })),
    producerName: "grayling",
    graph: {
      name: "grayling",
      node: graph.nodes.map(encodeNode),
      initializer: [...graph.constants].map(([name, constant]) => encodeConstant(name, constant)),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

const encodeNode = ({ op, domain, inputs, output, attrs }: OnnxNode) =>
  create(NodeProtoSchema, {
    name: output,
    opType: op,
    domain,
    input: [...inputs],
    output: [output],
    attribute: Object.entries(attrs).map(([name, value]) => encodeAttribute(name, value)),
  });

function encodeAttribute(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new Uint8Array(asciiBytes(value)) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** ONNX's attribute strings are ASCII words. */
const asciiBytes = (text: string) => Array.from(text, (char) => char.charCodeAt(0));

/** ONNX stores little-endian, as is every machine that ONNX Runtime is built for. */
function encodeConstant(name: string, { shape, data }: OnnxConstant): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: dataTypeOf(data),
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  });
}

function dataTypeOf(data: OnnxConstant["data"]): DataType {
  if (data instanceof Float32Array) return DataType.FLOAT;
  return data instanceof Uint16Array ? DataType.FLOAT16 : DataType.INT64;
}

const encodeValue = ({ name, shape }: OnnxValue): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: DataType.FLOAT,
          shape: { dim: shape.map(encodeExtent) },
        },
      },
    },
  });

const encodeExtent = (extent: number | string) =>
  create(TensorShapeProto_DimensionSchema, {
    value:
      typeof extent === "string" ? { case: "dimParam", value: extent } : { case: "dimValue", value: BigInt(extent) },
  });
