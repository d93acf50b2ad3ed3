import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { crc32 } from "./crc32.js";
import { encodeUtf8 } from "./utf8.js";
import { readZip } from "./zip-archive.js";

const content = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251);
const metadata = encodeUtf8('{"keras_version": "3.15.1"}');
const sound = () => zipSync({ "metadata.json": [metadata, { level: 0 }], "assets/deep/a.bin": content });

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the n-th record of a kind starts. */
function record(bytes: Uint8Array, kind: keyof typeof kinds, n = 0): number {
  const text = Buffer.from(bytes);
  let at = -1;
  for (let i = 0; i <= n; i++) at = text.indexOf(Uint8Array.of(0x50, 0x4b, kinds[kind], kinds[kind] + 1), at + 1);
  return at;
}
const kinds = { local: 3, central: 1, end: 5 } as const;

function changed(change: (bytes: Uint8Array, data: DataView) => void): () => unknown {
  const bytes = sound();
  change(bytes, view(bytes));
  return () => readZip(bytes, ["metadata.json", "assets/deep/a.bin"]);
}

/** The same archive with another name of the same length, in both places. */
const renamed = (name: string) =>
  changed((bytes) => {
    for (const at of [record(bytes, "local") + 30, record(bytes, "central") + 46]) bytes.set(encodeUtf8(name), at);
  });

/** The sound archive, its sizes and positions told in zip64's fields, as a writer of unknown length does. */
function zip64(size = BigInt(metadata.length)): Uint8Array {
  const name = encodeUtf8("m");
  const extra = new Uint8Array(20);
  view(extra).setUint16(0, 1, true);
  view(extra).setUint16(2, 16, true);
  view(extra).setBigUint64(4, size, true);
  view(extra).setBigUint64(12, size, true);
  const header = (signature: number, length: number, tail: number) => {
    const bytes = new Uint8Array(length);
    view(bytes).setUint32(0, signature, true);
    view(bytes).setUint32(tail, crc32(metadata), true);
    view(bytes).setUint32(tail + 4, 0xffff_ffff, true);
    view(bytes).setUint32(tail + 8, 0xffff_ffff, true);
    view(bytes).setUint16(tail + 12, name.length, true);
    view(bytes).setUint16(tail + 14, extra.length, true);
    return bytes;
  };
  const local = [header(0x04034b50, 30, 14), name, extra, metadata];
  const central = [header(0x02014b50, 46, 16), name, extra];
  const [start, length] = [local, central].map((parts) => parts.reduce((sum, part) => sum + part.length, 0));
  const end64 = new Uint8Array(56);
  view(end64).setUint32(0, 0x06064b50, true);
  for (const at of [24, 32]) view(end64).setBigUint64(at, 1n, true);
  view(end64).setBigUint64(40, BigInt(length!), true);
  view(end64).setBigUint64(48, BigInt(start!), true);
  const locator = new Uint8Array(20);
  view(locator).setUint32(0, 0x07064b50, true);
  view(locator).setBigUint64(8, BigInt(start! + length!), true);
  const end = new Uint8Array(22);
  view(end).setUint32(0, 0x06054b50, true);
  for (const at of [8, 10]) view(end).setUint16(at, 0xffff, true);
  for (const at of [12, 16]) view(end).setUint32(at, 0xffff_ffff, true);
  return Uint8Array.from([...local, ...central, end64, locator, end].flatMap((part) => [...part]));
}

describe("crc32", () => {
  it("gives the check value of its polynomial, and the same for every split into eights", () => {
    expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
    // Bit by bit, as the standard defines it.
    const slow = (bytes: Uint8Array) => {
      let crc = 0xffff_ffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      }
      return ~crc >>> 0;
    };
    for (let length = 0; length < 40; length++) {
      const bytes = content.subarray(length, 2 * length);
      expect(crc32(bytes), `${length} bytes`).toBe(slow(bytes));
    }
  });
});

describe("readZip", () => {
  it("gives the entries that are asked for, stored and deflated, and nothing for one that is absent", () => {
    const entries = readZip(sound(), ["assets/deep/a.bin", "metadata.json", "other"]);
    expect(entries).toEqual(
      new Map([
        ["metadata.json", metadata],
        ["assets/deep/a.bin", content],
      ]),
    );
    expect(readZip(sound(), [])).toEqual(new Map());
  });

  it("reads an archive in the middle of a larger buffer, and one with a comment at its end", () => {
    const bytes = sound();
    const inside = new Uint8Array(bytes.length + 100).fill(0x50);
    inside.set(bytes, 50);
    expect(readZip(inside.subarray(50, 50 + bytes.length), ["metadata.json"]).size).toBe(1);
    const commented = Uint8Array.from([...bytes, 1, 2, 3]);
    view(commented).setUint16(bytes.length - 2, 3, true);
    expect(readZip(commented, ["metadata.json"]).size).toBe(1);
  });

  it("reads zip64, and refuses one that lies", () => {
    expect(readZip(zip64(), ["m"])).toEqual(new Map([["m", metadata]]));
    expect(() => readZip(zip64(2n ** 40n), ["m"])).toThrow("1099511627776 bytes unpacked");
    expect(() => readZip(zip64(1000n), ["m"])).toThrow('"m": 1000 bytes long, which is more than there are');
    expect(() => readZip(zip64(2n ** 63n), ["m"])).toThrow(WeightsError);
    const unlocated = zip64();
    view(unlocated).setUint32(unlocated.length - 42, 0, true);
    expect(() => readZip(unlocated, ["m"])).toThrow("zip64: the directory's end points to a record that is not there");
    const without = zip64();
    without[record(without, "central") + 47] = 9; // another kind of field
    expect(() => readZip(without, ["m"])).toThrow("zip64: a size is promised, but not there");
  });

  it.each([
    ["a name above the folder", renamed("../adata.json"), '"../adata.json": expected a name inside of the archive'],
    ["a name above, in the middle", renamed("met/../x.json"), '"met/../x.json": expected a name inside'],
    ["an absolute name", renamed("/etadata.json"), '"/etadata.json": expected a name inside'],
    ["a name on a drive", renamed("C:tadata.json"), '"C:tadata.json": expected a name inside'],
    ["a name with a backslash", renamed("meta\\ata.json"), "expected a name inside"],
    ["a name with a zero", renamed("metadata\0json"), "expected a name inside"],
    [
      "an encrypted entry",
      changed((b, v) => v.setUint16(record(b, "central") + 8, 1, true)),
      '"metadata.json": encrypted',
    ],
    [
      "another method",
      changed((b, v) => v.setUint16(record(b, "central", 1) + 10, 12, true)),
      "packed by method 12, expected",
    ],
    ["a wrong checksum", changed((b) => b[record(b, "local") + 45]!--), "the checksum (CRC-32) is wrong"],
    [
      "a stored entry of two sizes",
      changed((b, v) => v.setUint32(record(b, "central") + 24, 5, true)),
      "stored, but of two",
    ],
    ["too much unpacked", changed((b, v) => v.setUint32(record(b, "central", 1) + 24, 2 ** 30, true)), "a zip bomb?"],
    [
      "another length unpacked",
      changed((b, v) => v.setUint32(record(b, "central", 1) + 24, 2999, true)),
      "something else than",
    ],
    [
      "overlapping entries",
      changed((b, v) => v.setUint32(record(b, "central", 1) + 42, 30, true)),
      "overlaps another entry",
    ],
    ["another name in the header", changed((b) => b[record(b, "local") + 30]!++), "its header tells something else"],
    [
      "an entry beyond the end",
      changed((b, v) => v.setUint32(record(b, "central", 1) + 42, 2 ** 31, true)),
      "expected its header",
    ],
    [
      "a count that is too large",
      changed((b, v) => [8, 10].map((at) => v.setUint16(record(b, "end") + at, 3, true))),
      "tells 3",
    ],
    [
      "a count that is too small",
      changed((b, v) => [8, 10].map((at) => v.setUint16(record(b, "end") + at, 1, true))),
      "more than its 1",
    ],
    [
      "a directory elsewhere",
      changed((b, v) => v.setUint32(record(b, "end") + 16, 7, true)),
      "does not end where its end is told",
    ],
    ["a part of several", changed((b, v) => v.setUint16(record(b, "end") + 4, 1, true)), "one of several parts"],
  ] as const)("refuses %s", (_, read, message) => {
    expect(read).toThrow(WeightsError);
    expect(read).toThrow(message);
  });

  it("refuses a name that occurs twice", () => {
    const bytes = zipSync({ "a.json": metadata, "b.json": metadata });
    for (const at of [record(bytes, "local", 1) + 30, record(bytes, "central", 1) + 46]) bytes[at] = "a".charCodeAt(0);
    expect(() => readZip(bytes, ["a.json"])).toThrow('"a.json": occurs twice');
  });

  it("stops unpacking where an entry is longer than told, whatever the directory and the header say", () => {
    const bytes = zipSync({ zeros: [new Uint8Array(200_000), { level: 9 }] });
    for (const at of [record(bytes, "local") + 22, record(bytes, "central") + 24])
      view(bytes).setUint32(at, 1000, true);
    expect(() => readZip(bytes, ["zeros"])).toThrow("more than the 1000 bytes that the directory tells");
  });

  it("keeps to the limits that it is given", () => {
    const zeros = zipSync({ zeros: [new Uint8Array(200_000), { level: 9 }] });
    expect(() => readZip(zeros, ["zeros"])).toThrow("expected at most 100 times as many: a zip bomb?");
    expect(readZip(zeros, ["zeros"], { ratio: 1000 }).get("zeros")).toEqual(new Uint8Array(200_000));
    expect(() => readZip(sound(), [], { totalBytes: 3026 })).toThrow("3027 bytes unpacked, expected at most 3026");
    expect(() => readZip(sound(), [], { entries: 1 })).toThrow("2 entries, expected at most 1");
  });

  it("refuses an archive that ends too early, wherever", () => {
    const bytes = sound();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readZip(bytes.subarray(0, length), ["metadata.json"]), `${length} bytes`).toThrow(WeightsError);
    }
  });

  it("reads a damaged archive or throws WeightsError", () => {
    const random = new SeededRandom(1);
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = sound();
      for (let n = 0; n < 3; n++) bytes[random.integer(bytes.length)] = random.integer(256);
      try {
        readZip(bytes, ["metadata.json", "assets/deep/a.bin"]);
      } catch (error) {
        expect(error).toBeInstanceOf(WeightsError);
      }
    }
  });
});
