import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseWindow, showWindow } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { chooseWindow } from "./choose-window.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling window ü-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const mixed = (...names: readonly string[]) =>
  names.flatMap((name) =>
    ["disc", "stripes"].map((label) => ({ path: repositoryFolder("fixtures", "mixed-bits", label, name) })),
  );

describe("the window of a training", () => {
  it("is full for 8 bits, without decoding any, and nothing is said", async () => {
    const decoded: number[] = [];
    const images = mixed("gray-8bit.png", "gray-1bit.png", "gray.jpg", "uint8-lzw.tif", "gray.bmp", "rgb-equal.png");
    const chosen = await chooseWindow(images, { onProgress: ({ done }) => decoded.push(done) });
    expect(chosen).toEqual({ window: { kind: "full" }, samples: ["uint8"] });
    expect(decoded).toEqual([]);
  });

  it("is told by the values of 12 bits in 16, and said with them", async () => {
    const chosen = await chooseWindow(mixed("gray-12-of-16bit.png", "uint16-12bit-big-endian.tif"));
    // Blocks of 0 and 4,095 fill 256 pixels each of 6,144: more than 0.1 %.
    expect(chosen).toEqual({
      window: { kind: "values", low: 0, high: 4095 },
      samples: ["uint16"],
      said: "16-bit images, values 0–4,095: window p0.1-p99.9 = 0:4095",
    });
  });

  it("is told by degrees below zero as well", async () => {
    const { window, said, samples } = await chooseWindow(mixed("float32.tif"));
    expect(samples).toEqual(["float32"]);
    // Of floats within 2⁻¹³ of the value.
    expect(window).toEqual({ kind: "values", low: expect.closeTo(-20.5, 1), high: expect.closeTo(83.2, 1) });
    expect(said).toBe(`float32 images, values −20.5 … 83.2: window p0.1-p99.9 = ${showWindow(window)}`);
  });

  it("is full for several types, and says that they do not compare", async () => {
    const chosen = await chooseWindow(mixed("gray-8bit.png", "gray-16bit.png", "float32.tif"));
    expect(chosen.window).toEqual({ kind: "full" });
    expect(chosen.samples).toEqual(["float32", "uint16", "uint8"]);
    expect(chosen.said).toBe(
      "images of float32 and uint16 and uint8 together: window full, each by what its type can hold; choose one with --window",
    );
  });

  it.each([
    ["full", "full"],
    ["image", "image"],
    ["100:2000", "100:2000"],
    ["minmax", "0:4095"],
    ["p50-p99", "1358:4095"], // np.percentile of both pictures' values
  ])("is %s where that is asked for: %s", async (asked, expected) => {
    const chosen = await chooseWindow(mixed("gray-12-of-16bit.png"), { asked: parseWindow(asked) });
    expect(showWindow(chosen.window)).toBe(expected);
    expect(chosen.samples).toEqual(["uint16"]);
    expect(chosen.said).toContain(`window ${asked}`);
  });

  it("takes 8 bits into account where percentiles are asked for", async () => {
    const samples = Uint8Array.from({ length: 101 }, (_, i) => i);
    const path = join(folder, "ramp.png");
    const raw = { width: 101, height: 1, channels: 1 } as const;
    await writeFile(path, await sharp(samples, { raw }).toColourspace("b-w").png().toBuffer());
    const { window, said } = await chooseWindow([{ path }], { asked: parseWindow("p10-p90") });
    expect(window).toEqual({ kind: "values", low: 10, high: 90 });
    expect(said).toBe("8-bit images, values 0–100: window p10-p90 = 10:90");
  });

  it("leaves out what cannot be read, and works on nothing", async () => {
    const images = [...mixed("gray-12-of-16bit.png"), { path: join(folder, "missing.png") }];
    const broken = ["disc/truncated.png", "stripes/truncated.tif", "disc/empty.png", "stripes/text.dcm"];
    for (const name of broken) images.push({ path: repositoryFolder("fixtures", "mixed-bits", name) });
    // What is broken counts as 8 bits by its head, but has no values.
    expect((await chooseWindow(images, { asked: parseWindow("minmax") })).window).toEqual({
      kind: "values",
      low: 0,
      high: 4095,
    });
    expect(await chooseWindow([])).toEqual({ window: { kind: "full" }, samples: [] });
  });

  it("stops when it is told to", async () => {
    const reason = new Error("stopped by the test");
    await expect(chooseWindow(mixed("gray-16bit.png"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
