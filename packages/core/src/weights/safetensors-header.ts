/**
 * The header of a safetensors file: 8 bytes of length (little endian), then that many bytes of JSON, then the tensors.
 * Source: https://github.com/huggingface/safetensors, README, section "Format", version 0.8.
 */
import * as v from "valibot";
import { WeightsError } from "../errors.js";
import { quoted, shortened } from "./quoted.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";

/** bytes; the limit of the format. */
export const maximumHeaderLength = 100_000_000;

/** The header, a tensor in it, its shape. */
const maximumDepth = 3;
const lengthBytes = 8;
const openingBrace = 0x7b;
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Entry = v.strictObject({ dtype: v.string(), shape: v.array(count), data_offsets: v.strictTuple([count, count]) });
const Entries = v.record(v.string(), Entry);
const Metadata = v.record(v.string(), v.string());

/** A tensor's `dtype`, `shape` and `data_offsets` [begin, end], bytes after the header. */
export type SafetensorsEntry = v.InferOutput<typeof Entry>;

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors begin, bytes from the start of the file. */
  readonly dataStart: number;
}

/** Throws `WeightsError` for anything but a well-formed header. What the offsets say is not checked here. */
export function readHeader(bytes: Uint8Array): SafetensorsHeader {
  if (bytes.length < lengthBytes) throw invalid(`expected at least ${lengthBytes} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > maximumHeaderLength) {
    throw invalid(
      `the header takes ${length} bytes, expected at most ${maximumHeaderLength}; is this a safetensors file?`,
    );
  }
  const dataStart = lengthBytes + Number(length);
  if (dataStart > bytes.length) {
    throw invalid(`the file is cut off in its header, expected at least ${dataStart} bytes, got ${bytes.length}`);
  }
  const text = textOf(bytes.subarray(lengthBytes, dataStart));
  const { colons, depth } = countMarks(text);
  if (depth > maximumDepth) throw invalid(`the header is nested ${depth} deep, expected at most ${maximumDepth}`);
  const { __metadata__: given, ...rest } = parseJson(text);
  const metadata = given === undefined ? {} : validate(Metadata, given, "__metadata__");
  const entries = Object.entries(validate(Entries, rest, ""));
  const keys = 4 * entries.length + Object.keys(metadata).length + (given === undefined ? 0 : 1);
  if (colons !== keys) throw invalid("a name occurs twice in the header, expected each once");
  return { entries: new Map(entries), metadata, dataStart };
}

function textOf(bytes: Uint8Array): string {
  if (bytes[0] !== openingBrace) throw invalid('the header must begin with "{"; is this a safetensors file?');
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw invalid("the header is not UTF-8", cause);
  }
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("the header is not JSON", cause);
  }
}

/**
 * The number of keys as written: `JSON.parse` keeps the last of two equal ones silently, and a reviver never sees the
 * first. And how deep brackets stand in each other, for which `JSON.parse` takes long.
 */
function countMarks(json: string): { readonly colons: number; readonly depth: number } {
  let [colons, depth, deepest] = [0, 0, 0];
  let isText = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (isText && char === "\\") i++;
    else if (char === '"') isText = !isText;
    else if (isText) continue;
    else if (char === ":") colons++;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return { colons, depth: deepest };
}

function validate<T>(schema: v.GenericSchema<unknown, T>, value: unknown, path: string): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = [path, v.getDotPath(issue) ?? ""].filter((part) => part !== "").join(".");
  const expected = shortened(issue.expected ?? issue.message);
  throw invalid(`header, ${quoted(where)}: expected ${expected}, got ${shortened(issue.received)}`);
}

/**
 * The bytes before the tensors. The same input gives the same bytes; spaces fill up to a multiple of 8, so that the
 * tensors are aligned.
 */
export function writeHeader(
  entries: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  const all = Object.keys(metadata).length > 0 ? [["__metadata__", sortedMetadata] as const, ...entries] : [...entries];
  const json = encodeUtf8(JSON.stringify(Object.fromEntries<unknown>(all)));
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(lengthBytes + length).fill(0x20, lengthBytes);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, lengthBytes);
  return header;
}

const invalid = (message: string, cause?: unknown): WeightsError =>
  new WeightsError(`safetensors: ${message}`, cause === undefined ? {} : { cause });
