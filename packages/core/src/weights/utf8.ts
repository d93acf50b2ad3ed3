/** Texts as UTF-8 bytes and back, strictly. */

// Globals of the WHATWG Encoding Standard: browsers, workers and Node have them, ECMAScript's types do not.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: "utf-8",
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

export const encodeUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Throws a `TypeError` for bytes that are not UTF-8; a byte order mark is kept as a character. */
export const decodeUtf8 = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
