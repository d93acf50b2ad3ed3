import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../images/decode.js";
import { loadSharp } from "../images/load-sharp.js";
import { createFileReader, maxFileBytes } from "./file-reader.js";
import { openReaderThread } from "./reader-thread.js";

const folder = mkdtempSync(join(tmpdir(), "grayling-reader-"));
const inFolder = (name: string) => join(folder, name);
const [gray, small, large] = [inFolder("gray.jpg"), inFolder("small.png"), inFolder("large.png")];
const [text, gone, huge] = [inFolder("text.png"), inFolder("gone"), inFolder("huge")];

beforeAll(async () => {
  const picture = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: "#646464" } }).toColourspace("b-w");
  await picture(16).jpeg().toFile(gray);
  await picture(16).png().toFile(small);
  await picture(2100).png().toFile(large); // 4.4 MB of samples: more than is decoded at once
  writeFileSync(text, "no picture");
  writeFileSync(huge, "");
  truncateSync(huge, maxFileBytes + 1); // takes no room on the disk
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ["here", createFileReader],
  ["in a thread", async () => openReaderThread()],
] as const)("a file reader %s", (_, open) => {
  it("hashes all files, and decodes those that are wanted", async () => {
    const reader = await open();
    const hash = (path: string) => ({ hash: createHash("sha256").update(readFileSync(path)).digest("hex") });
    const reason = "no such file: removed meanwhile, or a broken link";
    expect(await reader.read([gray, gone, text, small])).toEqual([hash(gray), { reason }, hash(text), hash(small)]);
    const [undecoded, jpeg, png] = await reader.decode([2, 0, 3]);
    expect(undecoded).toEqual(new Uint8Array(readFileSync(text))); // sharp's, or nobody's
    const pixels = { data: new Uint8Array(256).fill(100), height: 16, width: 16, channels: 1, layout: "gray" };
    expect(jpeg).toEqual({ format: "jpeg", pixels, bitDepth: 8 });
    expect(png).toEqual({ format: "png", pixels, bitDepth: 8 });
    await reader.close();
  });

  it("decodes as many at once as memory should hold, at least one", async () => {
    const reader = await open();
    expect(await reader.read([large, gray, large])).toHaveLength(3);
    expect(await reader.decode([1, 0, 2])).toHaveLength(2);
    expect(await reader.decode([2])).toHaveLength(1);
    await reader.close();
  });

  it("refuses a file that would not fit into memory, unread", async () => {
    const reader = await open();
    const reason = `a file of ${maxFileBytes + 1} bytes, limit ${maxFileBytes}`;
    expect(await reader.read([huge])).toEqual([{ reason }]);
    await reader.close();
  });

  it("fails when it is asked for what it does not hold", async () => {
    const reader = await open();
    await reader.read([gray]);
    await reader.decode([0]);
    await expect(reader.decode([0])).rejects.toThrow("internal: file 0 is not held");
    await reader.close();
  });
});

const decoding = { height: 20, width: 31, fit: "stretch", window: { kind: "values", low: 20, high: 190 } } as const;

describe.each([
  ["here", () => createFileReader({ decoding })],
  ["in a thread", async () => openReaderThread({ decoding })],
  ["in a thread that uses sharp", async () => openReaderThread({ decoding, sharpIsReady: Int32Array.of(1) })],
] as const)("planes made %s", (_, open) => {
  const scan = inFolder("scan.jpg"); // large enough for sharp

  beforeAll(async () => {
    await loadSharp();
    const samples = Uint8Array.from({ length: 900 * 700 }, (_, i) => 120 + 100 * Math.sin(i / 7 + (i % 900) / 40));
    await sharp(samples, { raw: { width: 900, height: 700, channels: 1 } })
      .toColourspace("b-w")
      .jpeg()
      .toFile(scan);
  });

  it("are the decoder's, in the spare ones first; others' files and pages that are not there are told", async () => {
    const reader = await open();
    await reader.read([scan, text, large, gray]);
    const spare = [new Float32Array(20 * 31).fill(Number.NaN)];
    const wanted = [[0, undefined, 2] as const, [1, undefined] as const, [2, 1] as const, [3, undefined] as const];
    const asked = wanted.map(([index, ...pages]) => ({ index, pages }));
    const [ofScan, ofText, ...others] = await reader.makePlanes(asked, spare);
    const decode = await createDecoder(decoding);
    const decoded = async (path: string) => ({ kind: "decoded", image: await decode(readFileSync(path)) });
    const reason = "page 2: a file of this kind is read as one picture";
    expect(ofScan).toEqual([await decoded(scan), { kind: "skipped", reason }]);
    expect(ofText).toEqual(new Uint8Array(readFileSync(text)));
    expect(others).toEqual([[await decoded(large)], [await decoded(gray)]]);
    expect(spare).toEqual([]);
    await reader.close();
  });
});
