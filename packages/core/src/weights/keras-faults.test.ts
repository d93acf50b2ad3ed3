import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedFolder } from "../testing/shared-folder.js";
import { readKerasArchive } from "./keras-archive.js";
import { kerasFaults } from "./keras-faults.js";
import { readKerasH5 } from "./keras-h5.js";
import type { TensorFile } from "./tensor-file.js";

const mean = { shape: [3], data: Float32Array.of(0.485, 0.456, 0.406) };
const stem = (channels: number) => ({ shape: [3, 3, channels, 1], data: new Float32Array(9 * channels) });

const file = (
  version: string,
  format: "h5" | "keras",
  { channels = 3, config }: { channels?: number; config?: unknown } = {},
): TensorFile => ({
  tensors: new Map([
    ["normalization/mean", mean],
    ["stem_conv/kernel", stem(channels)],
  ]),
  metadata: { layout: "keras", format, keras_version: version },
  config,
});

const model = (...layers: readonly unknown[]) => ({ class_name: "Functional", config: { name: "m", layers } });
const layer = (className: string, name: string) => ({ class_name: className, config: { name } });

describe("kerasFaults", () => {
  it("finds nothing in files without faults, and in files that are not Keras'", () => {
    expect(kerasFaults(file("3.15.1", "keras", { config: model(layer("Normalization", "normalization")) }))).toEqual(
      [],
    );
    expect(kerasFaults({ tensors: new Map(), metadata: {} })).toEqual([]);
    expect(
      kerasFaults({ ...file("3.5.0", "keras"), metadata: { layout: "grayling", keras_version: "3.5.0" } }),
    ).toEqual([]);
  });

  it("warns of the versions that computed without normalization, but not of networks that have none", () => {
    for (const version of ["3.0.0", "3.0.5", "3.5.0"]) {
      const saved = `saved by Keras ${version}: before 3.6`;
      expect(kerasFaults(file(version, "keras")), version).toEqual([expect.stringContaining(saved)]);
    }
    for (const version of ["3.6.0", "3.10.0", "2.15.0"])
      expect(kerasFaults(file(version, "keras")), version).toEqual([]);
    const zeros = { shape: [3], data: new Float32Array(3) };
    const untrained = { ...file("3.4.1", "keras"), tensors: new Map([["normalization/mean", zeros]]) };
    expect(kerasFaults(untrained)).toEqual([]);
  });

  it("warns of a stem for one channel from the versions that made it by mistake", () => {
    for (const version of ["3.11.0", "3.11.3"]) {
      const notes = kerasFaults(file(version, "keras", { channels: 1 }));
      expect(notes, version).toEqual([expect.stringContaining("built EfficientNets with a stem for 1 channel")]);
      expect(kerasFaults(file(version, "keras"))).toEqual([]);
    }
    expect(kerasFaults(file("3.12.0", "keras", { channels: 1 }))).toEqual([]);
  });

  it("warns of code in the file, also in a network inside, and survives any description", () => {
    const config = model(model(layer("Lambda", "grayscale")));
    const note = expect.stringContaining('the layer "grayscale" (Lambda) is Python code');
    expect(kerasFaults(file("3.15.1", "keras", { config }))).toEqual([note]);
    for (const odd of [null, 1, "a", [], { config: { layers: [null, { class_name: 7 }, []] } }]) {
      expect(kerasFaults(file("3.15.1", "h5", { config: odd }))).toEqual([]);
    }
  });

  // Recorded: Keras 3.15.1 is off by 0.22 with the first, cannot load the second, and reads the others as they are.
  it.for([
    ["user_model_keras3.h5", ["a whole model as .h5 with a network inside: Keras 3 itself loads such a file wrongly"]],
    ["user_model.h5", ["a whole model of Keras 2.21.0: Keras 3 cannot load it"]],
    ["user_model.keras", []],
    ["efficientnetb0_notop.h5", []],
    ["efficientnetb0_notop.weights.h5", []],
  ] as const)("tells of Keras' own %s what Keras makes of it", async ([name, starts], context) => {
    const path = sharedFolder("golden", "weights", name);
    if (path === undefined) return context.skip("no folder shared/golden beside the repository");
    const read = name.endsWith(".keras") ? readKerasArchive : readKerasH5;
    const notes = kerasFaults(await read(readFileSync(path)));
    expect(notes).toEqual(starts.map((start) => expect.stringContaining(start)));
  });
});
