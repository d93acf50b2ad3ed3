import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSummary, InputError, largestDifference, readSafetensors } from "@grayling/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBackbone } from "../backbone/open-backbone.js";
import { openKerasModel } from "../backbone/open-keras-model.js";
import { goldenGray } from "../testing/golden-gray.js";
import { paintNoise } from "../testing/paint-noise.js";
import { train } from "../train/train.js";
import { version } from "../version.js";
import { type ExportOptions, exportModel } from "./export-model.js";
import { type OpenedSource, openSource } from "./open-source.js";

const size = { height: 33, width: 46, pooling: "avg" } as const;
let lite: OpenedSource;
let folder: string;

beforeAll(async () => {
  lite = await openSource("efficientnet-lite0", size);
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
    await exportModel(lite.source, { channels: 1, out: one });
    await exportModel(lite.source, { channels: 3, out: three });
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
    await exportModel(lite.source, { channels: 3, out });
    const { metadata } = readSafetensors(await readFile(out));
    expect(metadata).toMatchObject({ channels: "3", backbone: "efficientnet-lite0", format: "grayling" });
    const again = await openBackbone("efficientnet-lite0", { ...size, weights: out });
    expect([...again.model.weights.keys()].sort()).toEqual([...lite.source.model.weights.keys()].sort());
    for (const [name, { shape, data }] of lite.source.model.weights) {
      const written = again.model.weights.get(name)!;
      expect(written.shape, name).toEqual(shape);
      expect(bytesOf(written.data).equals(bytesOf(data)), name).toBe(true);
    }
  });

  it("writes the folded stem for one channel, and refuses to load it into a network of three", async () => {
    const out = join(folder, "gray.safetensors");
    await exportModel(lite.source, { channels: 1, out });
    const { tensors, metadata } = readSafetensors(await readFile(out));
    expect(metadata["channels"]).toBe("1");
    const stem = tensors.get("stem_conv/kernel")!;
    expect(stem.shape).toEqual([32, 1, 3, 3]);
    // Lite scales every channel by 1/128: the folded kernel is the sum over the channels, divided by 128.
    const whole = lite.source.model.weights.get("stem_conv/kernel")!.data;
    const [filter, tap] = [17, 4];
    const sum = [0, 1, 2].reduce((total, channel) => total + whole[(filter * 3 + channel) * 9 + tap]!, 0);
    expect(stem.data[filter * 9 + tap]).toBe(Math.fround(sum / 128));
    const error = await openBackbone("efficientnet-lite0", { ...size, weights: out }).catch((cause) => cause);
    expect(error.message).toContain("stem_conv/kernel");
  });

  it("halves the weights for --fp16, and says what it did to the stem", async () => {
    const [whole, half] = [join(folder, "whole.onnx"), join(folder, "half.onnx")];
    const { bytes, stem } = await exportModel(lite.source, { out: whole });
    const halved = await exportModel(lite.source, { out: half, fp16: true });
    expect(halved.bytes / bytes).toBeLessThan(0.53);
    expect(stem).toContain("3 channels folded into one, exactly");
    const { difference, scale } = largestDifference(await featuresOf(half, 1), await featuresOf(whole, 1));
    expect(difference / scale).toBeLessThan(0.01); // 5e-4 of each weight, through 50 layers
  });

  it.each(["one.keras", "three.keras"])("writes %s, which is opened again and gives the same", async (name) => {
    const out = join(folder, name);
    const channels = name.startsWith("one") ? 1 : 3;
    await exportModel(lite.source, { out, channels });
    const again = await openSource(out, {});
    expect(again.notes).toEqual([]);
    const [before, after] = [join(folder, "before.onnx"), join(folder, "after.onnx")];
    await exportModel(lite.source, { out: before });
    await exportModel(again.source, { out: after });
    const { difference, scale } = largestDifference(await featuresOf(after, 1), await featuresOf(before, 1));
    expect(difference / scale).toBeLessThan(2.6e-5); // as above
  });

  it.each([
    ["timm", 'in Python: timm.create_model("tf_efficientnet_lite0").load_state_dict('],
    ["keras", undefined],
  ] as const)("writes weights by the names of %s, which come back to the bit", async (names, hint) => {
    const out = join(folder, "weights.safetensors");
    const whole = await openSource("efficientnet-lite0", { ...size, includeTop: true });
    const exported = await exportModel(whole.source, { out, names });
    expect(exported.hint?.slice(0, hint?.length)).toBe(hint);
    const again = await openBackbone("efficientnet-lite0", { ...size, includeTop: true, weights: out });
    expect(again.convention).toBe("keras"); // the metadata tells
    for (const [name, { data }] of whole.source.model.weights) {
      expect(bytesOf(again.model.weights.get(name)!.data).equals(bytesOf(data)), name).toBe(true);
    }
  });

  it.each([
    [{ channels: 0, out: "x.onnx" }, "input: expected 1 to 1024 channels, got 0"],
    [{ channels: 10 ** 8, out: "x.onnx" }, "input: expected 1 to 1024 channels, got 100000000"],
    [{ channels: 1, out: "x.safetensors", names: "timm" }, "timm builds a network for 3 channels, expected 3, got 1"],
    [{ channels: 1, out: "x.h5" }, ".h5 holds weights for a network that Keras has built with 3 channels"],
    [{ out: "x.keras", fp16: true }, "fp16: only .onnx has weights of 16 bits"],
    [{ out: "x.onnx", names: "timm" }, "names: only .safetensors has them"],
    [
      { out: "x.safetensors", names: "torchvision" },
      "torchvision has no network that computes what efficientnet-lite0 in",
    ],
    [{ out: "onnx" }, "expected a name that ends in .weights.h5, .h5, .keras, .onnx, .safetensors"],
    [{ out: ".onnx" }, "expected a name that ends in"],
    [{ out: join("missing", "x.onnx") }, "does not exist: create it or choose another path"],
  ] as [ExportOptions, string][])("refuses %j and writes nothing", async (options, message) => {
    const out = options.out === ".onnx" ? ".onnx" : join(folder, options.out);
    const error = await exportModel(lite.source, { ...options, out }).catch((cause) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what can be exported", () => {
  it("is a run, with the head that it has found; the model in it gives the same probabilities", async () => {
    const images = join(folder, "images");
    await paintNoise(images, 12);
    const { folder: run } = await train(images, {
      report: false,
      height: 33,
      width: 46,
      out: join(folder, "runs"),
      name: "r",
    });
    const { source, description, isTransferred } = await openSource(run, {});
    expect([description, isTransferred]).toEqual([`${run}: efficientnet-lite0 for 2 classes`, true]);
    await expect(openSource(run, { height: 33, width: 47 })).rejects.toThrow(
      "was trained at 33x46, expected this size",
    );
    const out = join(folder, "run.onnx");
    await exportModel(source, { out });
    const [exported, trained] = await Promise.all([out, join(run, "model.onnx")].map((path) => readFile(path)));
    expect(exported!.equals(trained!)).toBe(true);
    const keras = join(folder, "run.keras");
    await exportModel(source, { out: keras, channels: 1 });
    expect((await openKerasModel(keras)).classes).toBe(2);
  });

  it("is no run whose network has changed since", async () => {
    const images = join(folder, "images");
    await paintNoise(images, 12);
    const weights = join(folder, "weights.safetensors");
    await exportModel(lite.source, { out: weights });
    const { folder: run } = await train(images, {
      report: false,
      height: 33,
      width: 46,
      weights,
      out: folder,
      name: "r",
    });
    const { source } = await openSource("efficientnet-lite0", { ...size, weights: "random" });
    await exportModel(source, { out: weights });
    await expect(openSource(run, {})).rejects.toThrow("have changed since the training; restore them");
  });

  it.each([
    [
      "efficientnet-b99",
      'no such file, expected a network such as efficientnet-b0, a run folder, or a whole model as .keras or .h5 (did you mean "efficientnet-b',
    ],
    [".", "no config.json in it (ENOENT), expected a folder that train wrote"],
  ])("is not %s", async (text, message) => {
    const path = text === "." ? folder : text;
    const error = await openSource(path, {}).catch((cause) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
  });
});
