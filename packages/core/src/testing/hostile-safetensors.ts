/** Hostile safetensors files: sound ones whose header, its JSON text or their bytes have been tampered with. */
import type { SeededRandom } from "../seeded-random.js";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.js";
import { encodeUtf8 } from "../weights/utf8.js";
import { expectTensors } from "./expect-tensors.js";
import type { FuzzTarget } from "./fuzz.js";
import { hostileInteger, joined, mutateBytes, oneOf, writeInteger } from "./mutate.js";

export const target: FuzzTarget = {
  make(random) {
    const file = makeFile(random);
    return random.integer(4) === 0 ? mutateBytes(random, file) : file;
  },
  read: (bytes) => expectTensors(readSafetensors(bytes)),
  readSound: () => expectTensors(readSafetensors(sound)),
};

const sound = writeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]), { format: "pt" });

/** dtype → bytes of a value; the last are not in the format, or are not read. */
const dtypes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, I16: 2, BOOL: 1, F8_E4M3: 1, C64: 8 };
const strangeNames = [
  "__proto__",
  "constructor",
  "toString",
  "__metadata__",
  "",
  "a",
  "\u0000",
  "\ud800",
  "\u202e",
  "😀",
];
const strangeNumbers = [
  0,
  -0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 62,
  2 ** 63,
  1e-320,
];

type Json = unknown;
type Entry = Record<string, Json>;

function makeFile(random: SeededRandom): Uint8Array {
  const { header, dataLength } = makeHeader(random);
  const keys = Object.keys(header);
  for (let n = random.integer(3); n > 0; n--) mutateHeader(random, header, oneOf(random, keys));
  const text = mutateText(random, JSON.stringify(header));
  const json = mutateEncoding(random, encodeUtf8(text));
  const length = new Uint8Array(8);
  writeInteger(length, 0, 8, headerLength(random, BigInt(json.length)));
  return joined(length, json, new Uint8Array(Math.max(0, dataLength + oneOf(random, [0, 0, 0, 0, 0, 1, -1, 8]))));
}

/** A sound header of up to 12 tensors of any type. */
function makeHeader(random: SeededRandom): { header: Record<string, Json>; dataLength: number } {
  const header: Record<string, Json> = {};
  if (random.integer(2) === 0) header["__metadata__"] = { format: "pt", [`key ${random.integer(9)}`]: "value" };
  let dataLength = 0;
  for (let n = random.integer(12); n >= 0; n--) {
    const dtype = oneOf(
      random,
      random.integer(20) === 0 ? Object.keys(dtypes) : ["F64", "F32", "F16", "BF16", "I64", "U8"],
    );
    const shape = Array.from({ length: random.integer(5) }, () => random.integer(6));
    const begin = dataLength;
    dataLength += shape.reduce((product, extent) => product * extent, dtypes[dtype as keyof typeof dtypes]);
    header[`layer_${n}.weight`] = { dtype, shape, data_offsets: [begin, dataLength] };
  }
  return { header, dataLength };
}

function mutateHeader(random: SeededRandom, header: Record<string, Json>, name: string): void {
  const entry = header[name];
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return;
  const change = oneOf(random, [swapOffsets, mutateOffsets, mutateShape, mutateType, mutateKey, replaceValue]);
  change(random, entry as Entry, header);
  if (random.integer(8) === 0) {
    header[strangeName(random)] = entry;
    if (random.integer(2) === 0) delete header[name];
  }
}

/** Two tensors at the same place. */
function swapOffsets(random: SeededRandom, entry: Entry, header: Record<string, Json>): void {
  const other = header[oneOf(random, Object.keys(header))];
  if (typeof other === "object" && other !== null) entry["data_offsets"] = (other as Entry)["data_offsets"];
}

function mutateOffsets(random: SeededRandom, entry: Entry): void {
  const offsets = entry["data_offsets"];
  if (!Array.isArray(offsets)) return;
  const changed = [...offsets];
  const n = random.integer(3);
  changed[n] =
    random.integer(2) === 0 ? strangeValue(random) : Number(changed[n] ?? 0) + oneOf(random, [1, -1, 4, -4, 8]);
  entry["data_offsets"] = random.integer(5) === 0 ? changed.reverse() : changed;
}

function mutateShape(random: SeededRandom, entry: Entry): void {
  const shape: Json[] = Array.isArray(entry["shape"]) ? [...entry["shape"]] : [];
  shape.splice(random.integer(shape.length + 1), random.integer(2), strangeValue(random));
  if (random.integer(10) === 0) shape.push(2 ** 32, 2 ** 32, oneOf(random, [0, 1, 2]));
  entry["shape"] = random.integer(50) === 0 ? new Array(20_000).fill(1) : shape;
}

function mutateType(random: SeededRandom, entry: Entry): void {
  entry["dtype"] = oneOf<Json>(random, [...Object.keys(dtypes), ...strangeNames, "f32", "F32 ", strangeValue(random)]);
}

function mutateKey(random: SeededRandom, entry: Entry): void {
  const key = oneOf(random, Object.keys(entry));
  if (random.integer(2) === 0) delete entry[key];
  entry[strangeName(random)] = strangeValue(random);
}

function replaceValue(random: SeededRandom, entry: Entry, header: Record<string, Json>): void {
  const key = oneOf(random, Object.keys(header));
  if (random.integer(2) === 0) header[key] = strangeValue(random);
  else entry[oneOf(random, Object.keys(entry))] = strangeValue(random);
}

const strangeName = (random: SeededRandom): string =>
  random.integer(20) === 0 ? "long name\n".repeat(10_000) : oneOf(random, strangeNames) + oneOf(random, ["", "", "x"]);

function strangeValue(random: SeededRandom): Json {
  const simple: Json[] = [null, true, "", "4", [], {}, [[]], oneOf(random, strangeNames), "text ".repeat(1000)];
  return random.integer(3) > 0 ? oneOf(random, strangeNumbers) : oneOf(random, simple);
}

/** What `JSON.stringify` would never write: names twice, own `__proto__`, deep nesting, other spellings of numbers. */
function mutateText(random: SeededRandom, text: string): string {
  switch (random.integer(24)) {
    case 0: {
      const [pair] = /"[^"]*":\{[^{}]*\}/.exec(text) ?? [];
      return pair === undefined ? text : text.replace("{", `{${pair},`);
    }
    case 1:
      return text.replace(/"(dtype|shape|data_offsets)":/, '"$1":0,"$1":');
    case 2:
      return text.replace("{", '{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]},');
    case 3: {
      const depth = oneOf(random, [10, 1000, 100_000]);
      const [open, close] = oneOf(random, [
        ["[", "]"],
        ['{"a":', "}"],
      ] as const);
      return text.replace("{", `{"deep":${open.repeat(depth)}1${close.repeat(depth)},`);
    }
    case 4:
      return text.replace(
        /\d+/,
        oneOf(random, ["1e400", "-1", "1.0", "4e0", "1E2", "99999999999999999999", "0x10", "NaN"]),
      );
    case 5:
      return oneOf(random, ["\ufeff", " ", "\n", "[", "//"]) + text;
    case 6:
      return text + oneOf(random, [" ".repeat(100_000), "\n", "}", "\u0000", ",", text]);
    case 7:
      return text.replace(
        "layer",
        oneOf(random, ["\\u006cayer", "\\ud800", "\\u0000", '\\"', "\\", "\u2028", "\u202e"]),
      );
    case 8:
      return text.slice(0, random.integer(text.length));
    case 9:
      return text.replace(
        "{",
        `{"${"n".repeat(oneOf(random, [500, 100_000]))}":{"dtype":"F32","shape":[],"data_offsets":[0,4]},`,
      );
    default:
      return text;
  }
}

/** Bytes that are no UTF-8 within the text. */
function mutateEncoding(random: SeededRandom, json: Uint8Array): Uint8Array {
  if (random.integer(16) > 0) return json;
  const at = random.integer(json.length);
  return joined(
    json.subarray(0, at),
    Uint8Array.from(oneOf(random, [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2]])),
    json.subarray(at),
  );
}

const headerLength = (random: SeededRandom, length: bigint): bigint =>
  random.integer(10) > 0
    ? length
    : oneOf(random, [100n * 10n ** 9n, 100_000_000n, 100_000_001n, hostileInteger(random, 8, length)]);
