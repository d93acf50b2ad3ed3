import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../errors.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { kerasDatasetSplit, kerasGeneratorSplit } from "./keras-split.js";
import { numpyShuffled } from "./numpy-shuffle.js";

const readFixture = (name: string) => JSON.parse(readFileSync(repositoryFolder("fixtures", "splits", name), "utf8"));

/** `datagen.json` as far as it tells of files. */
interface Golden {
  readonly tree: Readonly<Record<string, readonly string[]>>;
  readonly validationSplit: number;
  readonly flowFromDirectory: Sides;
  readonly imageDatasetFromDirectory: Sides & { readonly seed: number };
}
type Sides = Readonly<
  Record<"training" | "validation" | "trainingShuffled" | "validationShuffled", { readonly files: readonly string[] }>
>;

const golden: Golden = readFixture("datagen.json");
const goldenPaths = Object.entries(golden.tree).flatMap(([name, files]) => files.map((file) => `${name}/${file}`));

interface Awkward {
  readonly paths: readonly string[];
  readonly generator: readonly { readonly fraction: number; readonly train: string[]; readonly val: string[] }[];
  readonly dataset: readonly {
    readonly fraction: number;
    readonly seed: number | null;
    readonly train: string[];
    readonly val: string[];
  }[];
  readonly shuffles: readonly { readonly seed: number; readonly order: number[] }[];
}
const awkward: Awkward = readFixture("keras.json");
const backwards = awkward.paths.toReversed(); // the order given must not matter

describe("Keras' validation_split", () => {
  it("is that of flow_from_directory, file by file and in its order", () => {
    const { training, validation, ...shuffled } = golden.flowFromDirectory;
    const split = kerasGeneratorSplit(goldenPaths, golden.validationSplit);
    expect(split).toEqual({ train: training.files, val: validation.files });
    expect(split.train.toSorted()).toEqual(shuffled.trainingShuffled.files.toSorted());
    expect(split.val.toSorted()).toEqual(shuffled.validationShuffled.files.toSorted());
  });

  it("is that of image_dataset_from_directory, file by file and in its order, shuffled and not", () => {
    const { training, validation, trainingShuffled, validationShuffled, seed } = golden.imageDatasetFromDirectory;
    const { validationSplit } = golden;
    expect(kerasDatasetSplit(goldenPaths, validationSplit)).toEqual({ train: training.files, val: validation.files });
    expect(kerasDatasetSplit(goldenPaths, validationSplit, seed)).toEqual({
      train: trainingShuffled.files,
      val: validationShuffled.files,
    });
  });

  it("is Keras' with awkward names too: nested, hidden, upper case, beyond 16 bits, without a dot", () => {
    for (const { fraction, train, val } of awkward.generator)
      expect(kerasGeneratorSplit(backwards, fraction)).toEqual({ train, val });
    for (const { fraction, seed, train, val } of awkward.dataset)
      expect(kerasDatasetSplit(backwards, fraction, seed ?? undefined)).toEqual({ train, val });
  });

  it.each([0, 1, -0.2, Number.NaN])("refuses the fraction %s, as Keras does", (fraction) => {
    expect(() => kerasGeneratorSplit(goldenPaths, fraction)).toThrow(InputError);
    expect(() => kerasDatasetSplit(goldenPaths, fraction, 1)).toThrow(InputError);
  });

  it("refuses a dataset of which nothing would validate: Keras would train on nothing", () => {
    expect(() => kerasDatasetSplit(["a/1.png", "b/1.png"], 0.2, 1)).toThrow("of 2 files none would validate");
  });
});

describe("NumPy's shuffle", () => {
  it.each(awkward.shuffles)("gives its order for seed $seed", ({ seed, order }) => {
    expect(
      numpyShuffled(
        order.map((_, i) => i),
        seed,
      ),
    ).toEqual(order);
  });

  it.each([-1, 0.5, 2 ** 32])("refuses the seed %s, as NumPy does", (seed) => {
    expect(() => numpyShuffled([1, 2], seed)).toThrow(InputError);
  });
});
