/**
 * Reads what grayling needs of an ONNX file: its metadata, inputs and outputs. Nodes and weights are passed over unread, so
 * that a hostile file cannot fill the memory with them: protobuf's smallest entry has 2 bytes, its object a hundred.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { WeightsError } from "../errors.js";
import type { Extent } from "../graph/graph.js";
import { decodeUtf8 } from "../weights/utf8.js";
import { GraphProtoSchema, ModelProtoSchema, StringStringEntryProtoSchema, ValueInfoProtoSchema } from "./onnx_pb.js";

export interface OnnxSummary {
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

export interface OnnxPort {
  readonly name: string;
  readonly shape: readonly Extent[];
}

/** Entries of one kind in a file: many times what any model has. */
const mostEntries = 10_000;
/** Name, type and extents of an input or output. */
const longestPort = 65_536; // bytes

/** Throws `WeightsError` when the bytes are no ONNX file. `source` names the file in the message. */
export function decodeSummary(bytes: Uint8Array, source: string): OnnxSummary {
  try {
    const { producerName, graph, opsetImport, metadataProps } = ModelProtoSchema.field;
    const model = readFields(bytes, [producerName, graph, opsetImport, metadataProps]);
    const graphs = model(graph);
    if (graphs.length !== 1) throw new Error(`expected one graph, got ${graphs.length}`);
    // Protobuf takes a file that ends after any field for whole; ONNX demands this one, and it comes after the graph.
    if (model(opsetImport).length === 0) throw new Error("it names no operator set: is it cut off?");
    const { input, output } = GraphProtoSchema.field;
    const ports = readFields(graphs[0]!, [input, output]);
    const entries = model(metadataProps).map((entry) => fromBinary(StringStringEntryProtoSchema, entry));
    return {
      producer: model(producerName).map(decodeUtf8).join(""),
      metadata: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
      inputs: ports(input).map(decodePort),
      outputs: ports(output).map(decodePort),
    };
  } catch (cause) {
    throw new WeightsError(`${source}: not an ONNX file (${(cause as Error).message})`, { cause });
  }
}

interface Field {
  readonly number: number;
}

/** The bytes of each wanted field of a message, by field. Reads lengths only; every one is held against the message. */
function readFields(message: Uint8Array, wanted: readonly Field[]): (field: Field) => readonly Uint8Array[] {
  const found = new Map(wanted.map(({ number }) => [number, [] as Uint8Array[]]));
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const entries = wireType === WireType.LengthDelimited ? found.get(number) : undefined;
    if (!entries) reader.skip(wireType, number);
    else if (entries.push(reader.bytes()) > mostEntries) {
      throw new Error(`field ${number}: expected at most ${mostEntries} entries`);
    }
  }
  return ({ number }) => found.get(number) ?? [];
}

function decodePort(bytes: Uint8Array): OnnxPort {
  if (bytes.length > longestPort) {
    throw new Error(`input or output: expected at most ${longestPort} bytes, got ${bytes.length}`);
  }
  const { name, type } = fromBinary(ValueInfoProtoSchema, bytes);
  const dims = type?.value.case === "tensorType" ? (type.value.value.shape?.dim ?? []) : [];
  return { name, shape: dims.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : "N")) };
}
