import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import { inference } from "../lower/inference.js";
import { lower } from "../lower/lowering.js";
import { SeededRandom } from "../seeded-random.js";
import { decodeSummary, type OnnxSummary } from "./decode.js";
import { encode } from "./encode.js";

const metadata = { backbone: "efficientnet-lite0", classes: '["Ω","b"]', input: "float32", __proto__text: "" };

function small(): Uint8Array {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 1, 4, 6] });
  net.add("Weight", "kernel", [], { shape: [2, 1, 3, 3], trainable: true });
  const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  const conv = net.add("Conv", "conv", ["x", "kernel"], attrs);
  const kernel = { shape: [2, 1, 3, 3], data: Float32Array.from({ length: 18 }, (_, i) => i) };
  return encode(lower({ graph: net.build([conv]), weights: new Map([["kernel", kernel]]) }, inference), metadata);
}

const whole = small();
const summary: OnnxSummary = {
  producer: "grayling",
  metadata,
  inputs: [{ name: "x", shape: ["N", 1, 4, 6] }],
  outputs: [{ name: "conv", shape: ["N", 2, 2, 4] }],
};

/** A length-delimited protobuf field. */
const field = (number: number, content: ArrayLike<number>): Uint8Array =>
  Uint8Array.from([(number << 3) | 2, ...varint(content.length), ...Array.from(content)]);

const graph = (...fields: readonly Uint8Array[]) => field(7, Buffer.concat(fields));
const opset = field(8, [0x10, 17]);
const repeated = (bytes: Uint8Array, count: number) => Buffer.concat(new Array<Uint8Array>(count).fill(bytes));

/** The type of a tensor of unnamed extents. */
const typeOf = (rank: number) => field(2, field(1, field(2, repeated(field(1, []), rank))));

/** A node with an attribute that is a graph that has such a node, and so on. Written from its end, in linear time. */
function nestedGraphs(depth: number): Uint8Array {
  const reversed: number[] = [];
  const wrap = (number: number) => reversed.push(...varint(reversed.length).reverse(), (number << 3) | 2);
  for (let level = 0; level < depth; level++) {
    wrap(6); // AttributeProto.g
    wrap(5); // NodeProto.attribute
    wrap(1); // GraphProto.node
  }
  return Uint8Array.from(reversed.reverse());
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** What decoding gives, or undefined where it throws the documented error; anything else that it throws fails the test. */
function decodeOrRefuse(bytes: Uint8Array): OnnxSummary | undefined {
  try {
    return decodeSummary(bytes, "model.onnx");
  } catch (error) {
    if (error instanceof WeightsError) return undefined;
    throw error;
  }
}

describe("decodeSummary", () => {
  it("reads producer, metadata, inputs and outputs", () => {
    expect(decodeSummary(whole, "model.onnx")).toEqual(summary);
  });

  it("reads a view into a larger buffer", () => {
    const buffer = new Uint8Array(whole.length + 20).fill(255);
    buffer.set(whole, 7);
    expect(decodeSummary(buffer.subarray(7, 7 + whole.length), "model.onnx")).toEqual(summary);
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "model.onnx: not an ONNX file (expected one graph, got 0)"],
    ["a text", new TextEncoder().encode("backbone,weights\n1,2\n"), "model.onnx: not an ONNX file ("],
    ["HDF5", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0), "model.onnx: not an ONNX file ("],
    ["zeros", new Uint8Array(64), "model.onnx: not an ONNX file ("],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeSummary(bytes, "model.onnx")).toThrow(WeightsError);
    expect(() => decodeSummary(bytes, "model.onnx")).toThrow(message);
  });

  // Protobuf has no end mark: what is cut off between two entries of the metadata reads as a file with fewer of them. It
  // is then never another value, and who needs an entry (`grayling predict`) misses it by name.
  it("gives nothing but a leading part of the metadata for a file that is cut off, at every length", () => {
    const survivors: OnnxSummary[] = [];
    for (let length = 0; length < whole.length; length++) {
      const cutOff = decodeOrRefuse(whole.subarray(0, length));
      if (cutOff) survivors.push(cutOff);
    }
    const entries = Object.entries(metadata);
    expect(survivors).toEqual(
      entries.map((_, i) => ({ ...summary, metadata: Object.fromEntries(entries.slice(0, i)) })),
    );
  });

  it.each<[string, ArrayLike<number>, string]>([
    ["a graph of 4 GB", [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], "premature EOF"],
    ["a graph of negative length", [0x3a, ...new Array<number>(9).fill(0xff), 0x01], "premature EOF"],
    ["a length without end", [0x3a, ...new Array<number>(20).fill(0xff)], "invalid varint"],
    ["a graph that ends within its input", [...field(7, [0x5a, 0x7f, 0x61]), ...opset], "premature EOF"],
    ["an input that ends within its name", [...graph(field(11, [0x0a, 0x7f, 0x61])), ...opset], "premature EOF"],
    ["an unknown field without end", [...graph(), ...opset, 0xfa, 0x7f, 0xff, 0xff, 0xff, 0x7f], "premature EOF"],
    ["groups within groups", [...graph(), ...opset, ...new Array<number>(100_000).fill(0x0b)], "recursion depth"],
    ["two graphs, which protobuf would mix", [...graph(), ...graph(), ...opset], "expected one graph, got 2"],
    ["a producer that is not UTF-8", [...graph(), ...opset, ...field(2, [0xff])], "not valid for encoding utf-8"],
    ["more inputs than any model has", [...graph(repeated(field(11, []), 20_000)), ...opset], "at most 10000 entries"],
    ["more extents than any input has", [...graph(field(11, typeOf(40_000))), ...opset], "at most 65536 bytes, got 80"],
  ])("refuses %s", (_, bytes, reason) => {
    const decode = () => decodeSummary(Uint8Array.from(bytes), "model.onnx");
    expect(decode).toThrow(WeightsError);
    expect(decode).toThrow(reason);
  });

  it.each([
    ["weights without name or value", repeated(field(5, []), 100_000)],
    ["graphs within graphs, deeper than any stack", nestedGraphs(20_000)],
  ])("passes over what it does not need: %s", (_, content) => {
    expect(decodeOrRefuse(Buffer.concat([graph(content, field(11, field(1, [0x61]))), opset]))).toEqual({
      producer: "",
      metadata: {},
      inputs: [{ name: "a", shape: [] }],
      outputs: [],
    });
  });

  it("takes an extent that is no number for one of any size", () => {
    const { outputs } = decodeSummary(Buffer.concat([graph(field(12, typeOf(2))), opset]), "model.onnx");
    expect(outputs).toEqual([{ name: "", shape: ["N", "N"] }]);
  });

  it("survives changed bytes", () => {
    const random = new SeededRandom(3);
    for (let round = 0; round < 2000; round++) {
      const bytes = whole.slice();
      for (let i = 0; i <= random.integer(4); i++) bytes[random.integer(bytes.length)] = random.integer(256);
      decodeOrRefuse(bytes);
    }
  });
});
