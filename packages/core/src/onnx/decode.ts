/** Reads what grayling needs of an ONNX file: its metadata, inputs and outputs. */
import { fromBinary } from "@bufbuild/protobuf";
import { WeightsError } from "../errors.js";
import type { Extent } from "../graph/graph.js";
import { ModelProtoSchema, type ValueInfoProto } from "./onnx_pb.js";

export interface OnnxSummary {
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly Extent[] }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly Extent[] }[];
}

/** Throws `WeightsError` when the bytes are no ONNX file. `source` names the file in the message. */
export function decodeSummary(bytes: Uint8Array, source: string): OnnxSummary {
  try {
    const { graph, metadataProps, producerName } = fromBinary(ModelProtoSchema, bytes);
    if (!graph) throw new Error("it holds no graph");
    return {
      producer: producerName,
      metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
      inputs: graph.input.map(decodeValue),
      outputs: graph.output.map(decodeValue),
    };
  } catch (cause) {
    throw new WeightsError(`${source}: not an ONNX file (${(cause as Error).message})`, { cause });
  }
}

function decodeValue({ name, type }: ValueInfoProto): { name: string; shape: Extent[] } {
  const dims = type?.value.case === "tensorType" ? (type.value.value.shape?.dim ?? []) : [];
  return { name, shape: dims.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : "N")) };
}
