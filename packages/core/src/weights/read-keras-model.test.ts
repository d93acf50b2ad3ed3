/**
 * Models that Keras described, weighted and ran (fixtures/keras-config/small-models.py) against ours of the same
 * descriptions on ONNX Runtime: every class and option that is read, of Keras 2 and 3.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError, WeightsError } from "../errors.js";
import { largestDifference } from "../explain/largest-difference.js";
import { nodesOf } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { writeKerasConfig } from "../models/keras-config/write-keras-config.js";
import { runModel } from "../testing/direct-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { rearrange } from "./layout.js";
import { readKerasModel } from "./read-keras-model.js";
import type { TensorFile } from "./tensor-file.js";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Recorded {
  readonly name: string;
  readonly config: unknown;
  readonly weights: Readonly<Record<string, Values>>;
  readonly input: Values;
  readonly output: Values;
}

const models: readonly Recorded[] = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "keras-config", "small-models.json"), "utf8"),
);
const modelNamed = (name: string) => models.find((model) => model.name === name)!;

const tensorOf = ({ shape, data }: Values): Tensor => ({ shape, data: Float32Array.from(data) });

const fileOf = ({ config, weights }: Pick<Recorded, "config" | "weights">): TensorFile => ({
  tensors: new Map(Object.entries(weights).map(([name, values]) => [name, tensorOf(values)])),
  metadata: { layout: "keras", format: "keras" },
  config,
});

const size = { height: 6, width: 6 };
const sizeFor = (name: string) => (name.startsWith("unsized") ? size : {});

/** Keras' images are channels last; all outputs here are vectors. */
const inputOf = (input: Values): Tensor => {
  const tensor = tensorOf(input);
  return input.shape.length === 4 ? rearrange(tensor, [0, 3, 1, 2]) : tensor;
};

/**
 * Both sides compute in float32, in other orders; of sums as short as here (at most 90 products) ten roundings of the
 * largest value were never reached.
 */
const rounding = 10 * 2 ** -24;

async function expectOutput({ model }: ReturnType<typeof readKerasModel>, { input, output }: Recorded): Promise<void> {
  const results = await runModel(model, { input_layer: inputOf(input) });
  const { shape, data } = results[model.graph.outputs[0]!]!;
  expect(shape).toEqual(output.shape);
  const largest = Math.max(...output.data.map(Math.abs), 1);
  expect(largestDifference(data, output.data).difference).toBeLessThan(rounding * largest);
}

describe("a whole model of Keras", () => {
  it.each(models)("computes what Keras computes: $name", async (recorded) => {
    await expectOutput(readKerasModel(fileOf(recorded), "file", sizeFor(recorded.name)), recorded);
  });

  it.each(models)("computes it again after it was described by us: $name", async (recorded) => {
    const { model } = readKerasModel(fileOf(recorded), "file", sizeFor(recorded.name));
    const config = JSON.parse(JSON.stringify(writeKerasConfig(model.graph)));
    // The one Normalization with weights, and it alone, gets another name than in the file.
    const file = fileOf({ ...recorded, config });
    await expectOutput(readKerasModel(file, "file"), recorded);
  });

  it("says what is left out, as it acts in training only or not at all", () => {
    const notes = (name: string) => readKerasModel(fileOf(modelNamed(name)), "file").notes;
    expect(notes("head, Keras 3")).toEqual([
      '"gaussian_noise" (GaussianNoise) acts in training only: left out',
      '"activation_1" (Activation) changes nothing: left out',
    ]);
    expect(notes("nested, Keras 2")).toEqual([
      '"random_flip" (RandomFlip) acts in training only: left out',
      '"random_rotation" (RandomRotation) acts in training only: left out',
      expect.stringMatching(/^declared without a size: its ZeroPadding2D layers pad as if every height/),
    ]);
    expect(notes("flattened map, Keras 3")).toEqual([]);
  });

  it("keeps frozen what a layer, or a model around it, freezes", () => {
    const frozen = (name: string) =>
      nodesOf(readKerasModel(fileOf(modelNamed(name)), "file").model.graph, "Weight")
        .filter(({ attrs }) => !attrs.trainable)
        .map((node) => node.name);
    const statistics = ["normalization/mean", "normalization/variance", "normalization/count"];
    expect(frozen("nested, Keras 3")).toEqual([...statistics, "conv2d/kernel", "conv2d/bias"]);
    expect(frozen("groups, Keras 3")).toEqual(
      ["gamma", "beta", "moving_mean", "moving_variance"].map((variable) => `batch_normalization/${variable}`),
    );
  });

  it("needs a description, all of its weights, and a size where it has none", () => {
    const recorded = modelNamed("unsized, Keras 3");
    const { config: _, ...weightsAlone } = fileOf(recorded);
    expect(() => readKerasModel(weightsAlone, "a.h5")).toThrow(
      new WeightsError(
        'a.h5: weights alone, expected a whole model with its description, as model.save("model.keras") writes it',
      ),
    );
    expect(() => readKerasModel(fileOf(recorded), "a.keras")).toThrow(
      new InputError("a.keras: the model is declared without a height: give the height and width of its input"),
    );
    expect(() => readKerasModel(fileOf({ ...recorded, weights: {} }), "a.keras", size)).toThrow(
      /a\.keras: does not fit the model, 2 weights differ:\n {2}conv2d\/kernel \(Conv2D\): expected \[3, 3, 2, 2\]/,
    );
    expect(() => readKerasModel(fileOf({ ...recorded, config: [] }), "a.keras", size)).toThrow(WeightsError);
  });
});
