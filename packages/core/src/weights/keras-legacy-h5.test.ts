import type { File, Group } from "h5wasm";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { writeH5 } from "../testing/write-h5.js";
import { readKerasH5 } from "./keras-h5.js";

/** The group of the only layer, which lists these variables. */
function layer(file: File, variables: readonly string[], name = "stem"): Group {
  file.create_attribute("layer_names", [name], [1], "A");
  const group = file.create_group(name);
  group.create_attribute("weight_names", [...variables], [variables.length], "A");
  return group;
}

const data = Float32Array.of(1, 2);
const ofOne = ["kernel:0"];

describe("readLegacyKeras", () => {
  it.each<[string, (file: File) => void, string]>([
    [
      "a listed layer that is not there",
      (file) => file.create_attribute("layer_names", ["stem"], [1], "A"),
      'Keras file: layer "stem" is listed, but has no group',
    ],
    [
      "a layer listed twice",
      (file) => {
        file.create_attribute("layer_names", ["stem", "stem"], [2], "A");
        file.create_group("stem");
      },
      'Keras file: layer "stem" is listed twice, expected it once',
    ],
    [
      "a listed variable that is not there",
      (file) => layer(file, ofOne),
      'HDF5: "/stem/kernel:0": expected a tensor, there is none',
    ],
    [
      "a variable listed twice",
      (file) => layer(file, ["kernel:0", "kernel:0"]).create_dataset({ name: "kernel:0", data }),
      'Keras file: "stem/kernel" occurs twice, expected it once',
    ],
    [
      "two variables of one name, in different groups",
      (file) => {
        const group = layer(file, ["a/dense/kernel", "b/dense/kernel"]);
        for (const name of ["a", "b"])
          group.create_group(name).create_group("dense").create_dataset({ name: "kernel", data });
      },
      'Keras file: "dense/kernel" occurs twice, expected it once',
    ],
    [
      "a group instead of a tensor",
      (file) => layer(file, ofOne).create_group("kernel:0"),
      'HDF5: "/stem/kernel:0": expected a tensor, there is none',
    ],
    [
      "a link to where nothing is",
      (file) => layer(file, ofOne).create_soft_link("/nowhere", "kernel:0"),
      'HDF5: "/stem/kernel:0": expected a tensor, there is none',
    ],
    [
      "a link to another file",
      (file) => layer(file, ofOne).create_external_link("/etc/passwd", "/", "kernel:0"),
      'HDF5: "/stem/kernel:0": expected a tensor, there is none',
    ],
    [
      "a path out of the file",
      (file) => layer(file, ["../../etc/passwd"]),
      'HDF5: "/stem/../../etc/passwd": expected a tensor, there is none',
    ],
    [
      "numbers instead of names",
      (file) => file.create_attribute("layer_names", [1, 2]),
      'HDF5: "/, layer_names": expected texts',
    ],
    [
      "texts instead of numbers",
      (file) => layer(file, ofOne).create_dataset({ name: "kernel:0", data: ["a"], shape: [1] }),
      'HDF5: "/stem/kernel:0": expected numbers',
    ],
    [
      "a name that is too long for a message, which is cut",
      (file) => layer(file, ["y".repeat(200)]),
      `HDF5: "/stem/${"y".repeat(73)}…": expected a tensor, there is none`,
    ],
  ])("refuses %s", async (_, fill, message) => {
    const reading = readKerasH5(await writeH5(fill));
    await expect(reading).rejects.toThrow(WeightsError);
    await expect(reading).rejects.toThrow(message);
  });

  it("reads lists in hundreds of pieces without delay", async () => {
    const bytes = await writeH5((file) => {
      for (let n = 0; n < 700; n++) {
        file.create_attribute(`layer_names${n}`, [`layer${n}`], [1], "A");
        file.create_group(`layer${n}`);
      }
    });
    const start = performance.now();
    expect((await readKerasH5(bytes)).tensors.size).toBe(0);
    // 60 ms; listing the attributes anew for each piece took seconds.
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
