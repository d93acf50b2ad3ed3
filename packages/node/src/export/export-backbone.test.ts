import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, InputError, largestDifference, readSafetensors } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Backbone, openBackbone } from "../backbone/open-backbone.js";
import { goldenGray } from "../testing/golden-gray.js";
import { version } from "../version.js";
import { exportBackbone } from "./export-backbone.js";

const size = { height: 33, width: 46, pooling: "avg" } as const;
let backbone: Backbone;
let folder: string;

beforeAll(async () => {
  backbone = await openBackbone("efficientnet-lite0", size);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling export ü-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Features in ONNX Runtime alone, of one gray image in every channel. */
async function featuresOf(file: string, channels: number): Promise<Float32Array> {
  const gray = goldenGray(1, 33, 46);
  const planes = Float32Array.from(
    Array(channels)
      .fill([...gray])
      .flat(),
  );
  const session = await InferenceSession.create(file);
  const { avg_pool } = await session.run({ input_layer: new Tensor("float32", planes, [1, channels, 33, 46]) });
  await session.release();
  return avg_pool!.data as Float32Array;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

describe("exporting a backbone", () => {
  it("writes an ONNX file for one channel or for three, and both give the same features of a gray image", async () => {
    const [one, three] = [join(folder, "one.onnx"), join(folder, "three.ONNX")];
    await exportBackbone(backbone, { channels: 1, out: one });
    await exportBackbone(backbone, { channels: 3, out: three });
    const { inputs, outputs, metadata } = decodeSummary(await readFile(one), one);
    expect(inputs).toEqual([{ name: "input_layer", shape: ["N", 1, 33, 46] }]);
    expect(outputs).toEqual([{ name: "avg_pool", shape: ["N", 1280] }]);
    const about = { "grayling.version": version(), backbone: "efficientnet-lite0", weights: "ImageNet, bundled" };
    expect(metadata).toEqual(about);
    const { difference, scale } = largestDifference(await featuresOf(one, 1), await featuresOf(three, 3));
    // Keras' own float32 is up to 8.6e-6 of the largest value off its float64; another order of sums gets three times that.
    expect(difference).toBeLessThan(2.6e-5 * scale);
    expect((await readdir(folder)).sort()).toEqual(["one.onnx", "three.ONNX"]);
  });

  it("writes weights that can be opened again and are the same to the bit", async () => {
    const out = join(folder, "weights.safetensors");
    await exportBackbone(backbone, { channels: 3, out });
    const { metadata } = readSafetensors(await readFile(out));
    expect(metadata).toMatchObject({ channels: "3", backbone: "efficientnet-lite0", format: "grayling" });
    const again = await openBackbone("efficientnet-lite0", { ...size, weights: out });
    expect([...again.model.weights.keys()].sort()).toEqual([...backbone.model.weights.keys()].sort());
    for (const [name, { shape, data }] of backbone.model.weights) {
      const written = again.model.weights.get(name)!;
      expect(written.shape, name).toEqual(shape);
      expect(bytesOf(written.data).equals(bytesOf(data)), name).toBe(true);
    }
  });

  it("writes the folded stem for one channel, and refuses to load it into a network of three", async () => {
    const out = join(folder, "gray.safetensors");
    await exportBackbone(backbone, { channels: 1, out });
    const { tensors, metadata } = readSafetensors(await readFile(out));
    expect(metadata["channels"]).toBe("1");
    const stem = tensors.get("stem_conv/kernel")!;
    expect(stem.shape).toEqual([32, 1, 3, 3]);
    // Lite scales every channel by 1/128: the folded kernel is the sum over the channels, divided by 128.
    const whole = backbone.model.weights.get("stem_conv/kernel")!.data;
    const [filter, tap] = [17, 4];
    const sum = [0, 1, 2].reduce((total, channel) => total + whole[(filter * 3 + channel) * 9 + tap]!, 0);
    expect(stem.data[filter * 9 + tap]).toBe(Math.fround(sum / 128));
    const error = await openBackbone("efficientnet-lite0", { ...size, weights: out }).catch((cause) => cause);
    expect(error.message).toContain("stem_conv/kernel");
  });

  it("refuses other channels and other kinds of file, and writes nothing", async () => {
    for (const [options, message] of [
      [{ channels: 2, out: join(folder, "x.onnx") }, "input: expected 1 or 3 channels, got 2"],
      [{ channels: 1, out: join(folder, "x.h5") }, "expected a name that ends in .onnx or .safetensors"],
      [{ channels: 1, out: join(folder, "onnx") }, "expected a name that ends in .onnx or .safetensors"],
      [{ channels: 1, out: join(folder, "missing", "x.onnx") }, "does not exist: create it or choose another path"],
    ] as const) {
      const error = await exportBackbone(backbone, options).catch((cause) => cause);
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toContain(message);
    }
    expect(await readdir(folder)).toEqual([]);
  });
});
