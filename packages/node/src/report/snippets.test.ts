/** The Python of a report makes the plane that ours reads, whatever the fit, the window and the samples. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fit, type Interpolation, largestDifference, parseSettledWindow, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../images/decode.js";
import type { RunConfig } from "../run/run-config.js";
import { pythonSnippet } from "./snippets.js";

const python = process.env["GRAYLING_PYTHON_ONNX"];
const [height, width] = [48, 80]; // px

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling snippet-"));
  const random = new SeededRandom(0, "pixels");
  const levels = Uint8Array.from({ length: 90 * 70 }, () => random.integer(256));
  const raw = { width: 90, height: 70, channels: 1 } as const;
  await writeFile(join(folder, "uint8.png"), await sharp(levels, { raw }).toColourspace("b-w").png().toBuffer());
  const deep = Uint16Array.from(levels, (level) => 200 + 15 * level);
  await writeFile(join(folder, "uint16.png"), await sharp(deep, { raw }).toColourspace("grey16").png().toBuffer());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Case {
  readonly samples: "uint8" | "uint16";
  readonly window: string;
  readonly fit: Fit;
  readonly interpolation?: Interpolation;
}

const configOf = ({ samples, window, ...framing }: Case) =>
  ({ window, samples: [samples], options: { height, width, ...framing } }) as unknown as RunConfig; // what is read of it

const cases: readonly Case[] = [
  ...(["stretch", "crop", "letterbox"] as const).map((fit): Case => ({ samples: "uint8", window: "full", fit })),
  { samples: "uint8", window: "full", fit: "stretch", interpolation: "nearest" },
  { samples: "uint8", window: "40:210", fit: "stretch" },
  { samples: "uint16", window: "full", fit: "stretch" },
  { samples: "uint16", window: "300:3500.5", fit: "letterbox" },
];

describe("the Python of a report", () => {
  it.for(cases)("makes the same plane: %o", async (made, context) => {
    if (python === undefined)
      return context.skip("GRAYLING_PYTHON_ONNX names no Python with onnxruntime, numpy and Pillow");
    const program = pythonSnippet("run", configOf(made))!;
    const steps = program.split("\n").filter((line) => /^(import numpy|from PIL|values|picture|plane)/.test(line));
    const text = [...steps, 'plane.astype("<f4").tofile("plane.bin")'].join("\n");
    await writeFile(join(folder, "use.py"), text.replace("new.png", `${made.samples}.png`));
    execFileSync(python, ["use.py"], { cwd: folder });
    const theirs = new Float32Array(new Uint8Array(await readFile(join(folder, "plane.bin"))).buffer);
    const decode = await createDecoder({ height, width, ...made, window: parseSettledWindow(made.window) });
    const { plane } = await decode(await readFile(join(folder, `${made.samples}.png`)));
    expect(theirs).toHaveLength(height * width);
    // Ours scales before it makes gray levels of a window, or after; float32 rounding of levels up to 255 either way.
    expect(largestDifference(theirs, plane).difference).toBeLessThan(0.01);
  });

  it("is left out where Pillow cannot make the plane", () => {
    const options = { samples: "uint8", window: "full", fit: "stretch" } as const;
    for (const change of [
      { fit: "tile" },
      { window: "image" },
      { window: "dicom" },
      { interpolation: "bilinear" },
    ] as const) {
      expect(pythonSnippet("run", configOf({ ...options, ...change }))).toBeUndefined();
    }
    const mixed = { ...configOf(options), samples: ["uint8", "uint16"] } as RunConfig;
    expect(pythonSnippet("run", mixed)).toBeUndefined();
  });
});
