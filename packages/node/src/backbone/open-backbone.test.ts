import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, largestDifference, type ModelName, nodesOf, WeightsError } from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTrunk } from "../features/trunk.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { goldenGray } from "../testing/golden-gray.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { type BackboneOptions, openBackbone } from "./open-backbone.js";

const runtime = new OrtRuntime();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling backbone ü-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const small = { height: 32, width: 64, pooling: "avg" } as const;

async function failure(name: ModelName, options: BackboneOptions): Promise<Error> {
  return openBackbone(name, options).then(
    () => new Error("it was opened"),
    (error: Error) => error,
  );
}

describe("opening a backbone", () => {
  it("takes the bundled ImageNet weights, at the network's own size, without a cache", async () => {
    const { name, height, width, source, isTransferred, model } = await openBackbone("efficientnet-lite0", {});
    expect([name, height, width, source, isTransferred]).toEqual([
      "efficientnet-lite0",
      224,
      224,
      "ImageNet, bundled",
      true,
    ]);
    expect(nodesOf(model.graph, "Input")[0]!.shape).toEqual(["N", 3, 224, 224]);
  });

  it("draws random weights from the seed, and says that nothing is transferred", async () => {
    const open = (seed?: number) => openBackbone("efficientnet-lite0", { ...small, weights: "random", seed });
    const [one, same, other] = await Promise.all([open(5), open(5), open()]);
    expect([one.source, one.isTransferred]).toEqual(["random, seed 5", false]);
    expect(other.source).toBe("random, seed 0");
    const kernel = ({ model }: typeof one) => model.weights.get("stem_conv/kernel")!.data;
    expect(kernel(same)).toEqual(kernel(one));
    expect(kernel(other)).not.toEqual(kernel(one));
  });

  it("says what to do where there are no ImageNet weights to be had", async () => {
    for (const cache of [undefined, folder]) {
      const error = await failure("efficientnet-lite1", { ...small, cache });
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toBe(
        "efficientnet-lite1: no ImageNet weights are bundled or published for it, only for efficientnet-lite0, efficientnet-b0 … b7 and " +
          'efficientnet-v2-…; training can begin with a weight file or "random"',
      );
    }
  });

  it("downloads nothing without a folder to keep it in", async () => {
    const error = await failure("efficientnet-b0", small);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("efficientnet-b0: its ImageNet weights are downloaded, expected a cache folder");
  });

  it("refuses a size that the network refuses, in the user's words", async () => {
    const error = await failure("efficientnet-lite0", { ...small, height: 31 });
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("Input size must be at least 32x32; Received: input_shape=(31, ");
  });

  it("refuses what is no weight file, and weights of something else", async () => {
    await writeFile(join(folder, "text.h5"), "not weights");
    const [missing, aFolder, text, other] = await Promise.all([
      failure("efficientnet-b0", { ...small, weights: join(folder, "missing.h5") }),
      failure("efficientnet-b0", { ...small, weights: folder }),
      failure("efficientnet-b0", { ...small, weights: join(folder, "text.h5") }),
      failure("efficientnet-b0", { ...small, weights: repositoryFolder("fixtures", "weights", "legacy-keras2.h5") }),
    ]);
    expect([missing, aFolder].every((error) => error instanceof InputError)).toBe(true);
    expect([text, other].every((error) => error instanceof WeightsError)).toBe(true);
    expect(missing.message).toContain('no such file, expected a weight file, "imagenet" or "random"');
    expect(text.message).toContain(join(folder, "text.h5"));
    expect(other.message).toContain("does not fit the model");
    expect(other.message).toMatch(/legacy-keras2\.h5: .*stem_conv\/kernel \(Conv2D\): expected \[3, 3, 3, 32\]/s);
  });
});

/** Pooled features of `gray(2, 84, 112)` as three channels, in float64, from Keras; the first 16 of each image. */
const recorded: { readonly maxPoolFirst16: readonly (readonly number[])[] } = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "keras", "user-model.json"), "utf8"),
);

describe("a weight file of Keras'", () => {
  it.for([
    ["efficientnetb0_notop.h5", []],
    ["efficientnetb0_notop.weights.h5", []],
    ["efficientnetb0_notop.keras", ["declared without a size, where Keras pads every extent as if it were even"]],
    ["user_model.h5", ["the file's own head is left out: dense", "Keras 3 cannot load it"]],
    ["user_model.keras", ["the file's own head is left out: dense"]],
    ["user_model_keras3.h5", ["the file's own head is left out: dense", "Keras 3 itself loads such a file wrongly"]],
  ] as const)(
    "gives B0, folded to one channel, the features that Keras gives for three: %s",
    async ([file, notes], context) => {
      const weights = sharedFolder("golden", "weights", file);
      if (weights === undefined) return context.skip(`no ${file} in shared/golden/weights beside the repository`);
      const backbone = await openBackbone("efficientnet-b0", { height: 84, width: 112, pooling: "max", weights });
      expect([backbone.source, backbone.isTransferred]).toEqual([weights, true]);
      expect(backbone.notes.length).toBe(notes.length);
      for (const [i, note] of notes.entries()) expect(backbone.notes[i]).toContain(note);
      const session = await runtime.open(buildTrunk(backbone, "stretch").encoded);
      const images = { shape: [2, 1, 84, 112], data: goldenGray(2, 84, 112) };
      const { max_pool } = await session.run({ input_layer: images });
      expect(max_pool!.shape).toEqual([2, 1280]);
      const largest = max_pool!.data.reduce((a, b) => Math.max(a, b));
      for (const [i, expected] of recorded.maxPoolFirst16.entries()) {
        const { difference } = largestDifference(max_pool!.data.subarray(1280 * i, 1280 * i + 16), expected);
        // Keras in float32 is up to 8.6e-6 of the largest value off its float64; another order of sums gets three times that.
        expect(difference).toBeLessThan(2.6e-5 * largest);
      }
    },
  );
});
