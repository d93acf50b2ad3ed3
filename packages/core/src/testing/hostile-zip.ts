/** Hostile zip files and `.keras` archives: every number of every record can lie, entries overlap, repeat, leave the folder or explode. */
import { readFileSync } from "node:fs";
import { deflateSync } from "fflate";
import { SeededRandom } from "../seeded-random.js";
import { crc32 } from "../weights/crc32.js";
import { readKerasArchive } from "../weights/keras-archive.js";
import { encodeUtf8 } from "../weights/utf8.js";
import { readZip } from "../weights/zip-archive.js";
import { expectTensors } from "./expect-tensors.js";
import type { FuzzTarget } from "./fuzz.js";
import { hostileInteger, joined, mutateBytes, oneOf, writeInteger } from "./mutate.js";
import { repositoryFolder } from "./repository-folder.js";

/** What is read of each file: as a zip and as a model. */
const wanted = ["metadata.json", "config.json", "model.weights.h5", "zeros"];
const text = '{"keras_version": "3.15.1"}';
const weights = Uint8Array.from(readFileSync(repositoryFolder("fixtures", "hostile", "small.weights.h5")));

export const target: FuzzTarget = {
  make(random) {
    const archive = soundArchive(random);
    for (let n = random.integer(4); n > 0; n--) mutateArchive(random, archive);
    const bytes = serialize(random, archive);
    return random.integer(5) === 0 ? mutateBytes(random, bytes) : bytes;
  },
  async read(bytes) {
    const contents = readZip(bytes, wanted);
    for (const content of contents.values()) crc32(content); // reads every byte
    expectTensors(await readKerasArchive(bytes));
  },
  async readSound() {
    const random = new SeededRandom(0);
    expectTensors(await readKerasArchive(serialize(random, soundArchive(random))));
  },
};

/** A number of so many bytes. A mutation changes it. */
type Numbers = Record<string, { readonly size: number; value: bigint }>;

interface Entry {
  name: Uint8Array;
  packed: Uint8Array;
  readonly local: Numbers;
  readonly central: Numbers;
  /** Behind the name in the directory: zip64's numbers, for instance. */
  extra: Uint8Array;
  /** Not written again, and led to the entry before: the two share bytes. */
  sharesBytes: boolean;
}

interface Archive {
  entries: Entry[];
  readonly end: Numbers;
  isZip64: boolean;
  readonly zip64End: Numbers;
  comment: Uint8Array;
}

const numbers = (sizes: Readonly<Record<string, number>>): Numbers =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, { size, value: 0n }]));

const common = { flags: 2, method: 2, time: 4, crc: 4, packedSize: 4, size: 4, nameLength: 2, extraLength: 2 };

function makeEntry(name: string, content: Uint8Array, packed: Uint8Array, method: number): Entry {
  const local = numbers({ signature: 4, version: 2, ...common });
  const central = numbers({
    signature: 4,
    madeBy: 2,
    version: 2,
    ...common,
    commentLength: 2,
    disk: 2,
    kind: 2,
    outside: 4,
    start: 4,
  });
  const values = { method, crc: crc32(content), packedSize: packed.length, size: content.length };
  for (const record of [local, central])
    for (const [key, value] of Object.entries(values)) record[key]!.value = BigInt(value);
  local["signature"]!.value = 0x04034b50n;
  central["signature"]!.value = 0x02014b50n;
  return { name: encodeUtf8(name), packed, local, central, extra: new Uint8Array(0), sharesBytes: false };
}

const contents = [encodeUtf8(text), encodeUtf8("{}"), weights];
const zeros = new Uint8Array(2 ** 24);
const packedContents = contents.map((content) => deflateSync(content));
const bomb = deflateSync(zeros, { level: 9 });

function soundArchive(random: SeededRandom): Archive {
  const isPacked = random.integer(2) === 1;
  const packed = isPacked ? packedContents : contents;
  const entries = contents.map((content, n) => makeEntry(wanted[n]!, content, packed[n]!, isPacked ? 8 : 0));
  return {
    entries,
    end: numbers({ signature: 4, disk: 2, startDisk: 2, hereCount: 2, count: 2, size: 4, start: 4, commentLength: 2 }),
    isZip64: random.integer(8) === 0,
    zip64End: numbers({
      signature: 4,
      length: 8,
      madeBy: 2,
      version: 2,
      disk: 4,
      startDisk: 4,
      hereCount: 8,
      count: 8,
      size: 8,
      start: 8,
    }),
    comment: new Uint8Array(0),
  };
}

const strangeNames = [
  "../x",
  "a/../../x",
  "/etc/passwd",
  "C:\\x",
  "..\\x",
  "",
  ".",
  "a\0b",
  "config.json",
  "\u202e",
  "a\nb",
  "x".repeat(9999),
];

const strangeTexts = [
  "",
  "null",
  "[]",
  "7",
  '{"keras_version":{}}',
  '{"__proto__":1}',
  "[".repeat(1000),
  "{\n\u0007",
  "\ufeff{}",
];

/** Changes of what is there; the numbers follow, so that the archive is consistent about it. */
const changes: readonly ((random: SeededRandom, archive: Archive, entry: Entry) => void)[] = [
  (random, _, entry) => {
    entry.name = encodeUtf8(oneOf(random, strangeNames));
  },
  (random, _, entry) => {
    entry.name = mutateBytes(random, entry.name);
  },
  (random, { entries }, entry) => entries.splice(random.integer(entries.length + 1), 0, entry),
  (random, { entries }) => entries.splice(random.integer(entries.length), 1),
  (_, __, entry) => {
    entry.sharesBytes = true;
  },
  // A bomb, told or not: 16 MB in 16 KB.
  (random, { entries }) => {
    const told = oneOf(random, [zeros, zeros.subarray(0, 100), zeros.subarray(0, 100 * bomb.length)]);
    entries.push(makeEntry(oneOf(random, wanted), told, bomb, 8));
  },
  (random, _, entry) => {
    entry.packed = mutateBytes(random, entry.packed);
  },
  // Content that is hostile itself, in an archive that is sound.
  (random, { entries }) => {
    const n = random.integer(contents.length);
    const content =
      random.integer(2) === 0 ? mutateBytes(random, contents[n]!) : encodeUtf8(oneOf(random, strangeTexts));
    entries.splice(n, 1, makeEntry(wanted[n]!, content, content, 0));
  },
  // Numbers that stand in the zip64 field, or should.
  (random, _, entry) => {
    entry.extra = Uint8Array.from({ length: 4 + 8 * random.integer(4) }, () =>
      oneOf(random, [0, 0, 0, 255, random.integer(256)]),
    );
    writeInteger(entry.extra, 0, 2, 1n);
    writeInteger(entry.extra, 2, 2, BigInt(entry.extra.length - 4));
    entry.central[oneOf(random, ["size", "packedSize", "start"])]!.value = 0xffff_ffffn;
  },
  (random, archive) => {
    archive.comment = new Uint8Array(oneOf(random, [1, 22, 65_535])).fill(oneOf(random, [0, 0x50]));
  },
  // More than a reader takes: small ones, or the file itself would fill the memory.
  (random, { entries }) => {
    const small = makeEntry("x", new Uint8Array(0), new Uint8Array(0), 0);
    if (random.integer(20) === 0) entries.push(...new Array<Entry>(oneOf(random, [100, 11_000])).fill(small));
  },
];

function mutateArchive(random: SeededRandom, archive: Archive): void {
  const entry = archive.entries[random.integer(archive.entries.length)];
  if (entry && random.integer(2) === 0) oneOf(random, changes)(random, archive, entry);
  else
    mutateNumber(
      random,
      oneOf(random, entry ? [entry.local, entry.central, archive.end] : [archive.end, archive.zip64End]),
    );
}

function mutateNumber(random: SeededRandom, record: Numbers): void {
  const number = oneOf(random, Object.values(record));
  number.value = hostileInteger(random, number.size, number.value);
}

/** The file: entries, directory, ends. What a mutation has set is kept, the other lengths and places are true. */
function serialize(random: SeededRandom, { entries, end, isZip64, zip64End, comment }: Archive): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  let before = 0;
  for (const { name, packed, local, central, extra, sharesBytes } of entries) {
    const written = sharesBytes ? [] : [record({ nameLength: name.length }, local), name, packed];
    const lengths = { nameLength: name.length, extraLength: extra.length };
    directory.push(record({ ...lengths, start: sharesBytes ? before : at }, central), name, extra);
    if (!sharesBytes) before = at;
    for (const part of written) at += part.length;
    parts.push(...written);
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const place = { hereCount: entries.length, count: entries.length, size, start: at };
  const elsewhere = { hereCount: 0xffff, count: 0xffff, size: 0xffff_ffff, start: 0xffff_ffff };
  if (isZip64) {
    const locator = new Uint8Array(20);
    writeInteger(locator, 0, 4, 0x07064b50n);
    writeInteger(
      locator,
      8,
      8,
      random.integer(9) > 0 ? BigInt(at + size) : hostileInteger(random, 8, BigInt(at + size)),
    );
    writeInteger(locator, 16, 4, 1n);
    directory.push(record({ signature: 0x06064b50, length: 44, ...place }, zip64End), locator);
  }
  const told = { signature: 0x06054b50, commentLength: comment.length, ...(isZip64 ? elsewhere : place) };
  return joined(...parts, ...directory, record(told, end), comment);
}

/** The bytes of a record: a number that no mutation has set is the true one. */
function record(truth: Readonly<Record<string, number>>, fields: Numbers): Uint8Array {
  return joined(
    ...Object.entries(fields).map(([name, { size, value }]) => {
      const bytes = new Uint8Array(size);
      writeInteger(bytes, 0, size, value === 0n ? BigInt(Math.min(truth[name] ?? 0, 2 ** (8 * size) - 1)) : value);
      return bytes;
    }),
  );
}
