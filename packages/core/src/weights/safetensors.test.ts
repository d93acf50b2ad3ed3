import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { encodeUtf8 } from "./utf8.js";

/** A file with the given header text and as many bytes of data. */
function fileOf(header: string, dataLength: number, length = BigInt(encodeUtf8(header).length)): Uint8Array {
  const text = encodeUtf8(header);
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (shape: readonly number[], begin: number, end: number, dtype = "F32") =>
  `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`;

describe("readSafetensors", () => {
  // Written by Python's safetensors, with NumPy's own widening beside each half: equal to the bit (NaN as NaN).
  const { tensors, metadata } = readSafetensors(
    readFileSync(repositoryFolder("fixtures", "weights", "dtypes.safetensors")),
  );

  it.each(["f16", "bf16"])("widens %s exactly, with subnormals, infinities and NaN", (name) => {
    expect(tensors.get(name)).toEqual(tensors.get(`${name}_as_f32`));
    const values = [...tensors.get(name)!.data];
    expect(values).toContain(Number.POSITIVE_INFINITY);
    expect(values.some((value) => Object.is(value, -0))).toBe(true);
    expect(values.some(Number.isNaN)).toBe(true);
  });

  it("reads the other types as float32", () => {
    const single = [0, -0, 1.5, Math.fround(Math.PI), 2 ** -149, Math.fround(-3.4028235e38), Infinity, NaN];
    expect(tensors.get("f32")).toEqual({ shape: [2, 4], data: Float32Array.from(single) });
    expect(tensors.get("f64")).toEqual({ shape: [3], data: Float32Array.of(Math.PI, -0, Infinity) });
    expect(tensors.get("i64")).toEqual({ shape: [], data: Float32Array.of(-(2 ** 40)) });
    expect(tensors.get("i32")).toEqual({ shape: [2], data: Float32Array.of(-7, 2 ** 31) });
    expect(tensors.get("u8")).toEqual({ shape: [3], data: Float32Array.of(0, 127, 255) });
    expect(tensors.get("empty")).toEqual({ shape: [0, 3], data: new Float32Array(0) });
  });

  it("reads the metadata", () => {
    expect(metadata).toEqual({ "made by": 'safetensors, "Gänsefüßchen" and \\' });
  });

  it("reads a view into a larger buffer, at any byte", () => {
    const bytes = writeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]));
    const shifted = new Uint8Array(bytes.length + 10);
    shifted.set(bytes, 3);
    expect(readSafetensors(shifted.subarray(3, 3 + bytes.length)).tensors.get("a")!.data).toEqual(
      Float32Array.of(1, 2),
    );
  });

  it.each([
    ["a header longer than the limit", fileOf("{}", 0, 100_000_001n), "100000001 bytes, expected at most 100000000"],
    ["a header of 100 GB", fileOf("{}", 0, 100_000_000_000n), "the header takes 100000000000 bytes, expected at most"],
    ["a header longer than the file", fileOf("{}", 0, 3n), "cut off in its header, expected at least 11 bytes, got 10"],
    ["a length beyond 2^53", fileOf("{}", 0, 2n ** 64n - 1n), "is this a safetensors file?"],
    ["a header that is no object", fileOf("[]", 0), 'must begin with "{"'],
    ["a header that is no JSON", fileOf("{oops", 0), "not JSON"],
    [
      "a header that is not UTF-8",
      fileOf("{", 0)
        .with(8, 0x7b)
        .with(0, 1)
        .map((byte) => byte),
      "not JSON",
    ],
    ["an unknown type", fileOf(`{"a":${entry([1], 0, 2, "I16")}}`, 2), '"a": type "I16", expected one of F64, F32'],
    ["a type named after a built-in", fileOf(`{"a":${entry([1], 0, 2, "constructor")}}`, 2), 'type "constructor"'],
    ["a negative extent", fileOf(`{"a":${entry([-1], 0, 4)}}`, 4), '"a.shape.0": expected >=0, got -1'],
    ["an extent that is no integer", fileOf(`{"a":${entry([1.5], 0, 4)}}`, 4), '"a.shape.0"'],
    ["a shape of another size", fileOf(`{"a":${entry([3], 0, 4)}}`, 4), '"a": F32 [3] takes 12 bytes, got 4'],
    ["a product that overflows", fileOf(`{"a":${entry([2 ** 40, 2 ** 40], 0, 4)}}`, 4), "takes Infinity bytes, got 4"],
    ["a product that overflows to 0", fileOf(`{"a":${entry([2 ** 40, 2 ** 40, 0], 0, 0)}}`, 0), "takes Infinity bytes"],
    ["an end before the begin", fileOf(`{"a":${entry([0], 4, 0)}}`, 4), '"a": begins at byte 4, expected 0'],
    ["a tensor beyond the end", fileOf(`{"a":${entry([2], 0, 8)}}`, 4), '"a": ends at byte 8, but the file has 4'],
    ["bytes left over", fileOf(`{"a":${entry([1], 0, 4)}}`, 5), "expected 4 bytes of tensors after the header, got 5"],
    ["a hole", fileOf(`{"a":${entry([1], 0, 4)},"b":${entry([1], 8, 12)}}`, 12), '"b": begins at byte 8, expected 4'],
    ["an overlap", fileOf(`{"a":${entry([2], 0, 8)},"b":${entry([1], 4, 8)}}`, 8), '"b": begins at byte 4, expected 8'],
    ["a name twice", fileOf(`{"a":${entry([1], 0, 4)},"a":${entry([1], 0, 4)}}`, 4), "a name occurs twice"],
    [
      "a name twice, once escaped",
      fileOf(`{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`, 4),
      "occurs twice",
    ],
    ["a key twice", fileOf('{"__metadata__":{"a":"1","a":"2"}}', 0), "a name occurs twice"],
    ["another key", fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}}', 4), '"a.x"'],
    ["three offsets", fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}', 4), '"a.data_offsets'],
    ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}', 0), '"__metadata__.a": expected string, got 1'],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(WeightsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it("refuses bytes in the header that are not UTF-8", () => {
    expect(() => readSafetensors(fileOf('{"a":1}', 0).with(10, 0xff))).toThrow("the header is not UTF-8");
  });

  it("cuts long names in its messages, and keeps them on one printable line", () => {
    const name = `line\\u2028${"n".repeat(1000)}`;
    expect(() => readSafetensors(fileOf(`{"${name}":${entry([1], 0, 2)}}`, 2))).toThrow(
      `safetensors: tensor "line?${"n".repeat(74)}…": F32 [1] takes 4 bytes, got 2`,
    );
    expect(() => readSafetensors(fileOf(`{"a":"${"v".repeat(1000)}"}`, 0))).toThrow(/^.{1,200}$/);
  });

  it("takes __proto__ for a name like any other, or refuses it, and never for a prototype", () => {
    const bytes = fileOf(`{"__proto__":${entry([1], 0, 4)}}`, 4);
    expect(() => readSafetensors(bytes)).toThrow(WeightsError);
    expect(Object.hasOwn(Object.prototype, "dtype")).toBe(false);
  });

  it("refuses deep nesting before it takes time", () => {
    expect(() => readSafetensors(fileOf(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`, 0))).toThrow(
      "safetensors: the header is nested 1000001 deep, expected at most 3",
    );
  });

  it("refuses a long shape without delay", () => {
    const bytes = fileOf(`{"a":${entry(new Array(100_000).fill(1), 0, 8)}}`, 8);
    expect(() => readSafetensors(bytes)).toThrow("takes 4 bytes, got 8");
  });

  it("refuses every beginning of a file", () => {
    const bytes = writeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]), { b: "c" });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length)), `${length} bytes`).toThrow(WeightsError);
    }
  });
});

describe("writeSafetensors", () => {
  const a = { shape: [1, 2], data: Float32Array.of(1.5, -0) };
  const b = { shape: [], data: Float32Array.of(2 ** -149) };

  it("writes what it reads, aligned to 8 bytes", () => {
    const bytes = writeSafetensors(
      new Map([
        ["ä/b", b],
        ["a", a],
      ]),
      { y: "ü", x: "1" },
    );
    expect((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8).toBe(0);
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors]).toEqual([
      ["a", a],
      ["ä/b", b],
    ]);
    expect(metadata).toEqual({ x: "1", y: "ü" });
  });

  it("writes the same bytes whatever the order of its input", () => {
    const one = writeSafetensors(
      new Map([
        ["a", a],
        ["b", b],
      ]),
      { x: "1", y: "2" },
    );
    expect(
      writeSafetensors(
        new Map([
          ["b", b],
          ["a", a],
        ]),
        { y: "2", x: "1" },
      ),
    ).toEqual(one);
  });

  it("writes whole numbers as I64, before the others, where asked", () => {
    const count = { shape: [], data: Float32Array.of(-3) };
    const bytes = writeSafetensors(
      new Map([
        ["a", a],
        ["n", count],
      ]),
      {},
      new Set(["n"]),
    );
    expect(new TextDecoder().decode(bytes)).toContain('"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}');
    expect([...readSafetensors(bytes).tensors]).toEqual([
      ["n", count],
      ["a", a],
    ]);
  });

  it("writes a file without tensors", () => {
    expect(readSafetensors(writeSafetensors(new Map()))).toEqual({ tensors: new Map(), metadata: {} });
  });

  it("refuses the name of the metadata for a tensor", () => {
    expect(() => writeSafetensors(new Map([["__metadata__", a]]))).toThrow(WeightsError);
  });
});
