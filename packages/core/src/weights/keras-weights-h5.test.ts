import type { File, Group } from "h5wasm";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { writeH5 } from "../testing/write-h5.js";
import { readKerasH5 } from "./keras-h5.js";

/** The variables' group of one more layer. */
function layer(file: File, group: string, name: string | undefined, shapes: readonly (readonly number[])[]): Group {
  const layers = (file.get("layers") as Group | null) ?? file.create_group("layers");
  const vars = layers.create_group(group).create_group("vars");
  if (name !== undefined) vars.create_attribute("name", name);
  for (const [n, shape] of shapes.entries()) {
    const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    vars.create_dataset({ name: String(n), data, shape: [...shape] });
  }
  return vars;
}

/** 31 groups with two links each to the next: 2^30 paths. */
function treeOfLinks(file: File): void {
  file.create_group("layers");
  for (let level = 0; level <= 30; level++) file.create_group(`level${level}`);
  for (let level = 0; level < 30; level++) {
    for (const name of ["a", "b"]) file.create_hard_link(`/level${level + 1}`, `level${level}/${name}`);
  }
  file.create_hard_link("/level0", "layers/tree");
}

describe("readKerasWeightsH5", () => {
  it.each<[string, (file: File) => void, string]>([
    [
      "two layers of one name",
      (file) => {
        layer(file, "dense", "top", [[2, 3]]);
        layer(file, "dense_1", "top", [[2, 3]]);
      },
      'Keras file: "top/kernel" occurs twice, expected it once',
    ],
    [
      "a tensor of another rank",
      (file) => layer(file, "conv2d", "stem", [[2, 3]]),
      "Keras file: stem (conv2d): expected kernel (4 axes), bias (1 axes) or none, got [2, 3]",
    ],
    [
      "more variables than the class has",
      (file) => layer(file, "dense", "top", [[2, 3], [3], [3]]),
      "Keras file: top (dense): expected kernel (2 axes), bias (1 axes) or none, got [2, 3], [3], [3]",
    ],
    [
      "a number left out",
      (file) => layer(file, "dense", "top", [[2, 3]]).create_dataset({ name: "7", data: Float32Array.of(1) }),
      "Keras file: top: expected variables 0, 1, 2, …, got 0, 7",
    ],
    [
      "a layer's name that is a number",
      (file) => layer(file, "dense", undefined, [[2, 3]]).create_attribute("name", 7),
      'HDF5: "/layers/dense/vars, name": expected texts',
    ],
    [
      "a group that holds itself",
      (file) => {
        file.create_group("layers");
        file.create_hard_link("/layers", "layers/a");
      },
      "/a/a/a/a/a/a/a/a/a/a: expected at most 32 levels",
    ],
    [
      "a link to itself",
      (file) => file.create_group("layers").create_soft_link("/layers/a", "a"),
      "HDF5: cannot read the file: too many links",
    ],
  ])("refuses %s", async (_, fill, message) => {
    const reading = readKerasH5(await writeH5(fill));
    await expect(reading).rejects.toThrow(WeightsError);
    await expect(reading).rejects.toThrow(message);
  });

  it("refuses a tree of links without walking all of it", async () => {
    const bytes = await writeH5(treeOfLinks);
    const start = performance.now();
    await expect(readKerasH5(bytes)).rejects.toThrow("more groups and tensors than a file of this size has");
    // Some 20 ms; 100,000 groups at the end of such paths took a minute.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
