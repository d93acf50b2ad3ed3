/** Hostile ONNX files: a sound model whose fields, at every depth of its wire format, have been tampered with. */
import { GraphBuilder } from "../graph/graph.js";
import { inference } from "../lower/inference.js";
import { lower } from "../lower/lowering.js";
import { decodeSummary, type OnnxSummary } from "../onnx/decode.js";
import { encode } from "../onnx/encode.js";
import type { SeededRandom } from "../seeded-random.js";
import type { FuzzTarget } from "./fuzz.js";
import { hostileInteger, joined, mutateBytes, oneOf } from "./mutate.js";

const metadata = { backbone: "efficientnet-b0", classes: '["a","b"]', __proto__text: "x" };

function soundModel(): Uint8Array {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 1, 4, 6] });
  net.add("Weight", "kernel", [], { shape: [2, 1, 3, 3], trainable: true });
  const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  const conv = net.add("Conv", "conv", ["x", "kernel"], attrs);
  const kernel = { shape: [2, 1, 3, 3], data: new Float32Array(18) };
  return encode(lower({ graph: net.build([conv]), weights: new Map([["kernel", kernel]]) }, inference), metadata);
}

const sound = soundModel();

export const target: FuzzTarget = {
  make(random) {
    const fields = parse(sound, 0);
    for (let n = random.integer(3); n >= 0; n--) mutateFields(random, fields);
    const bytes = serialize(fields);
    return random.integer(4) === 0 ? mutateBytes(random, bytes) : bytes;
  },
  read: (bytes) => expectSummary(decodeSummary(bytes, "model.onnx")),
  readSound: () => expectSummary(decodeSummary(sound, "model.onnx")),
};

function expectSummary({ producer, metadata, inputs, outputs }: OnnxSummary): void {
  const isText = (value: unknown) => typeof value === "string";
  const isExtent = (extent: unknown) => isText(extent) || (Number.isSafeInteger(extent) && (extent as number) >= 0);
  if (!isText(producer) || !Object.values(metadata).every(isText)) throw new Error("a text that is none");
  for (const { name, shape } of [...inputs, ...outputs]) {
    if (!isText(name) || !shape.every(isExtent)) throw new Error(`${name}: shape ${JSON.stringify(shape)}`);
  }
}

/** A field of a protobuf message: its content is a message again where the bytes can be read as one. */
interface Field {
  number: number;
  /** 0 varint, 1 and 5 of 8 and 4 bytes, 2 with a length, 3 and 4 groups. */
  wireType: number;
  content: Uint8Array | Field[];
  /** A length that lies. */
  length?: bigint;
}

/** Throws a `RangeError` for bytes that are no message. */
function parse(bytes: Uint8Array, depth: number): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    const start = at;
    while ((bytes[at++] ?? fail()) > 127);
    return { start, value: bytes.subarray(start, at).reduceRight((value, byte) => value * 128 + (byte & 127), 0) };
  };
  while (at < bytes.length) {
    const { value: tag } = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || ![0, 1, 2, 5].includes(wireType)) fail();
    if (wireType === 0) fields.push({ number, wireType, content: bytes.subarray(varint().start, at) });
    else {
      const length = wireType === 2 ? varint().value : wireType === 1 ? 8 : 4;
      if (at + length > bytes.length) fail();
      const content = bytes.subarray(at, at + length);
      fields.push({ number, wireType, content: wireType === 2 ? parseOrKeep(content, depth) : content });
      at += length;
    }
  }
  return fields;
}

function fail(): never {
  throw new RangeError("no message");
}

function parseOrKeep(content: Uint8Array, depth: number): Uint8Array | Field[] {
  try {
    return content.length === 0 || depth > 6 ? content : parse(content, depth + 1);
  } catch {
    return content;
  }
}

function serialize(fields: readonly Field[]): Uint8Array {
  return joined(
    ...fields.flatMap(({ number, wireType, content, length }) => {
      const bytes = content instanceof Uint8Array ? content : serialize(content);
      const tag = encodeVarint((BigInt(number) << 3n) | BigInt(wireType));
      return wireType === 2 ? [tag, encodeVarint(length ?? BigInt(bytes.length)), bytes] : [tag, bytes];
    }),
  );
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** One change, at this level or, more often, deeper down. */
function mutateFields(random: SeededRandom, fields: Field[]): void {
  const place = random.integer(fields.length);
  const field = fields[place];
  if (!field) return;
  if (Array.isArray(field.content) && random.integer(3) > 0) mutateFields(random, field.content);
  else if (random.integer(2) === 0) oneOf(random, fieldChanges)(random, field);
  else oneOf(random, listChanges)(random, fields, place);
}

/** The numbers that mean something in some message, and those at the ends of what there can be. */
const numbers = [0, 1, 2, 5, 7, 8, 11, 12, 14, 15, 1000, 2 ** 29 - 1];

const fieldChanges: readonly ((random: SeededRandom, field: Field) => void)[] = [
  (random, field) => {
    field.number = oneOf(random, numbers);
  },
  (random, field) => {
    field.wireType = random.integer(8);
  },
  (random, field) => {
    field.length = hostileInteger(random, oneOf(random, [4, 8]), BigInt(serialize([field]).length));
  },
  (random, field) => {
    field.content = strangeContent(random);
  },
  (_, field) => {
    field.content = [{ ...field }];
  },
];

const listChanges: readonly ((random: SeededRandom, fields: Field[], place: number) => void)[] = [
  (_, fields, place) => fields.splice(place, 1),
  (random, fields, place) => fields.splice(random.integer(fields.length), 0, ...fields.splice(place, 1)),
  // More than the reader takes only rarely and of short ones: so many fields take long to write, and fill the memory.
  (random, fields, place) => {
    const isShort = serialize([fields[place]!]).length < 100;
    const copies = isShort && random.integer(40) === 0 ? 11_000 : oneOf(random, [1, 2, 10]);
    fields.push(...Array.from({ length: copies }, () => structuredClone(fields[place]!)));
  },
  (random, fields, place) => {
    const content = strangeContent(random);
    fields.splice(place, 0, { number: oneOf(random, numbers), wireType: random.integer(6), content });
  },
];

/** Content that says nothing, too much, or the same within itself, thousands deep. */
function strangeContent(random: SeededRandom): Uint8Array {
  switch (random.integer(7)) {
    case 0:
      return new Uint8Array(0);
    case 1:
      return encodeVarint(hostileInteger(random, 8));
    case 2:
      return new Uint8Array(oneOf(random, [9, 11, 20])).fill(0xff);
    case 3:
      return new Uint8Array(oneOf(random, [10, 1000, 100_000])).fill(0x0b); // groups that begin
    case 4:
      return new Uint8Array(oneOf(random, [10, 200_000])).fill(oneOf(random, [0, 0x61, 0x12, 0xc0]));
    case 5:
      return nested(oneOf(random, [10, 200, 5000]), random.integer(20) + 1);
    default:
      return Uint8Array.from({ length: random.integer(64) }, () => random.integer(256));
  }
}

/** A field that holds itself, so many times. */
function nested(depth: number, number: number): Uint8Array {
  const reversed: number[] = [];
  for (let level = 0; level < depth; level++) {
    const head = [...encodeVarint(BigInt(number * 8 + 2)), ...encodeVarint(BigInt(reversed.length))];
    reversed.push(...head.reverse());
  }
  return Uint8Array.from(reversed.reverse());
}
