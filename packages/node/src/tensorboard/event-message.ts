/**
 * TensorBoard's events as protocol buffers: of a schema of a hundred fields these eight are written, which a generated coder
 * would need two thousand lines for.
 *
 * Source: tensorboard 2.21, `tensorboard/compat/proto/{event,summary}.proto`; wire format: https://protobuf.dev/programming-guides/encoding.
 */

/** By tag, with the value at a step. */
export type Scalars = Readonly<Record<string, number>>;

export interface SummaryImage {
  readonly tag: string;
  readonly width: number; // px
  readonly height: number; // px
  readonly png: Uint8Array;
}

/** What each file begins with. */
export const versionEvent = (seconds: number): Uint8Array =>
  message(double(1, seconds), bytes(3, utf8("brain.Event:2")));

/** `seconds` since 1970; values are kept as float32. */
export const scalarsEvent = (seconds: number, step: number, scalars: Scalars): Uint8Array =>
  summaryEvent(
    seconds,
    step,
    Object.entries(scalars).map(([tag, value]) => message(bytes(1, utf8(tag)), float(2, value))),
  );

export function imageEvent(seconds: number, step: number, { tag, width, height, png }: SummaryImage): Uint8Array {
  const colors = 3;
  const image = message(int(1, height), int(2, width), int(3, colors), bytes(4, png));
  return summaryEvent(seconds, step, [message(bytes(1, utf8(tag)), bytes(4, image))]);
}

const summaryEvent = (seconds: number, step: number, values: readonly Uint8Array[]): Uint8Array =>
  message(double(1, seconds), int(2, step), bytes(5, message(...values.map((value) => bytes(1, value)))));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const message = (...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);

/** Field number and wire type; all of ours fit into one byte. */
const key = (field: number, type: number): number => (field << 3) | type;

/** Whole numbers from 0; a field of 0 is left out, as in proto3. */
const int = (field: number, value: number): Uint8Array =>
  value === 0 ? new Uint8Array() : Uint8Array.from([key(field, 0), ...varint(value)]);

function double(field: number, value: number): Uint8Array {
  const own = Buffer.alloc(9);
  own[0] = key(field, 1);
  own.writeDoubleLE(value, 1);
  return own;
}

function float(field: number, value: number): Uint8Array {
  const own = Buffer.alloc(5);
  own[0] = key(field, 5);
  own.writeFloatLE(value, 1);
  return own;
}

const bytes = (field: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([key(field, 2), ...varint(content.length)]), content]);

/** Seven bits each, the lowest first; up to 2⁵³. */
function varint(value: number): number[] {
  const parts: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) parts.push((rest % 0x80) | 0x80);
  return [...parts, rest];
}
