/** Both of Keras' HDF5 layouts and its archive, written and read back: by our readers, and by h5py. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { bind, type Model } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { efficientNet } from "../models/efficientnet.js";
import { goldenModel } from "../testing/golden-model.js";
import { findPython, runPython, withoutPython } from "../testing/python.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { assignWeights } from "./assign-weights.js";
import { expectedWeights } from "./expected-weights.js";
import { readHdf5 } from "./hdf5.js";
import { readKerasArchive } from "./keras-archive.js";
import { readKerasH5 } from "./keras-h5.js";
import { type KerasLayer, kerasLayers } from "./keras-layers.js";
import { longTexts } from "./keras-legacy-h5.js";
import type { TensorFile } from "./tensor-file.js";
import { writeKerasArchive } from "./write-keras-archive.js";
import { writeKerasH5 } from "./write-keras-h5.js";
import { writeKerasWeightsH5 } from "./write-keras-weights-h5.js";

const golden = (name: string) => sharedFolder("golden", "weights", name);
const noGolden = "no folder shared/golden beside the repository";
const graph = efficientNet("efficientnet-b0", { includeTop: false });

/** The model that a file fits, which is B0 without its top. */
const modelOf = (file: TensorFile): Model => bind(graph, assignWeights(expectedWeights(graph), file, "golden"));

/** Bit for bit. Not `toEqual`, which needs gigabytes for 16 MB. */
const isSame = (a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

/** The same names and, bit for bit, the same values. */
function expectSame(tensors: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, { shape, data }] of expected) {
    const got = tensors.get(name)!;
    expect(got.shape, name).toEqual(shape);
    expect(isSame(got.data, data), name).toBe(true);
  }
}

const layer = (name: string, className: string, ...variables: readonly string[]): KerasLayer => ({
  name,
  className,
  variables: variables.map((variable, n) => [variable, { shape: [1], data: Float32Array.of(n) }] as const),
});

/** Equal in names, order, types, texts and bits: what h5py sees of two files. */
const compare = `
import sys, h5py, numpy as np
def same(a, b, path):
    assert dict(a.attrs).keys() == dict(b.attrs).keys(), path
    for name in a.attrs:
        x, y = np.asarray(a.attrs[name]), np.asarray(b.attrs[name])
        assert x.dtype == y.dtype and x.shape == y.shape and (x == y).all(), (path, name)
    if isinstance(a, h5py.Dataset):
        assert a.dtype == b.dtype and a.shape == b.shape and a[()].tobytes() == b[()].tobytes(), path
        return 1
    assert list(a) == list(b), path
    return sum(same(a[k], b[k], path + "/" + k) for k in a)
print(same(h5py.File(sys.argv[1]), h5py.File(sys.argv[2]), ""))
`;

describe("Keras' weight files", () => {
  it.for([
    ["efficientnetb0_notop.h5", readKerasH5, writeKerasH5],
    ["efficientnetb0_notop.weights.h5", readKerasH5, writeKerasWeightsH5],
  ] as const)(
    "come out of the model that %s went into as they were, for our reader",
    async ([name, read, write], context) => {
      const path = golden(name);
      if (path === undefined) return context.skip(noGolden);
      const original = await read(readFileSync(path));
      const written = await read(await write(kerasLayers(modelOf(original))));
      expectSame(written.tensors, original.tensors);
      expect(written.metadata).toEqual(original.metadata);
    },
  );

  it("keep every list of names in the older layout", async (context) => {
    const path = golden("efficientnetb0_notop.h5");
    if (path === undefined) return context.skip(noGolden);
    const lists = (bytes: Uint8Array) =>
      readHdf5(bytes, (root) => {
        const layers = root.texts("layer_names")!;
        return {
          layers,
          weights: layers.map((name) => root.group(name)!.texts("weight_names")),
          backend: root.texts("backend"),
        };
      });
    const bytes = readFileSync(path);
    expect(await lists(await writeKerasH5(kerasLayers(modelOf(await readKerasH5(bytes)))))).toEqual(await lists(bytes));
  });

  it.for([
    ["efficientnetb0_notop.h5", (layers: readonly KerasLayer[]) => writeKerasH5(layers)],
    [
      "efficientnetb0_notop.weights.h5",
      (layers: readonly KerasLayer[]) => writeKerasWeightsH5(layers, "efficientnetb0"),
    ],
  ] as const)("are equal to Keras' own %s, for h5py", async ([name, write], context) => {
    const path = golden(name);
    if (path === undefined) return context.skip(noGolden);
    const python = await findPython("keras");
    if (python === undefined) return context.skip(withoutPython("keras"));
    const folder = await mkdtemp(join(tmpdir(), "grayling-"));
    const own = join(folder, "own.h5");
    await writeFile(own, await write(kerasLayers(goldenModel(graph))));
    expect((await runPython(python, compare, [path, own])).trim()).toBe("312");
    await rm(folder, { recursive: true });
  });

  it("go through an archive with the description unchanged", async (context) => {
    const path = golden("efficientnetb0_notop.keras");
    if (path === undefined) return context.skip(noGolden);
    const original = await readKerasArchive(readFileSync(path));
    const content = { config: original.config, weights: kerasLayers(modelOf(original)) };
    const bytes = await writeKerasArchive({ ...content, savedAt: new Date("2026-11-25T13:59:07Z") });
    const written = await readKerasArchive(bytes);
    expectSame(written.tensors, original.tensors);
    expect(written.config).toEqual(original.config);
    expect(written.metadata).toEqual(original.metadata);
    expect(Buffer.from(bytes).includes('"date_saved":"2026-11-25@13:59:07"')).toBe(true);
    expect(isSame(await writeKerasArchive(content), await writeKerasArchive(content))).toBe(true);
  });
});

describe("writeKerasH5", () => {
  it("cuts a list that is too long for an attribute in equal pieces, as Keras does", async () => {
    // 1000 names of up to 100 characters are 100,000 bytes in NumPy: two pieces, of 500; 1001: of 501 and 500.
    for (const [count, sizes] of [
      [600, [600]],
      [1000, [500, 500]],
      [1001, [501, 500]],
    ] as const) {
      const layers = Array.from({ length: count }, (_, n) => layer(`${n}`.padStart(100, "x"), "Activation"));
      const bytes = await writeKerasH5(layers);
      const pieces = await readHdf5(bytes, (root) => {
        const whole = root.texts("layer_names");
        return {
          names: longTexts(root, "layer_names"),
          sizes: whole ? [whole.length] : [0, 1].map((n) => root.texts(`layer_names${n}`)!.length),
        };
      });
      expect(pieces).toEqual({ names: layers.map(({ name }) => name), sizes });
    }
  });

  it("spells names as Keras 2 does, and our reader as Keras 3", async () => {
    const layers = [
      layer("input_layer", "InputLayer"),
      layer("rescaling_1", "Rescaling"),
      layer("block1a_dwconv", "DepthwiseConv2D", "kernel", "bias"),
      layer("normalization", "Normalization", "mean", "variance", "count"),
    ];
    const bytes = await writeKerasH5(layers);
    const names = await readHdf5(bytes, (root) =>
      root.texts("layer_names")!.map((name) => [name, ...root.group(name)!.texts("weight_names")!]),
    );
    expect(names).toEqual([
      ["input_1"],
      ["tf.math.multiply"],
      ["block1a_dwconv", "block1a_dwconv/depthwise_kernel:0", "block1a_dwconv/bias:0"],
      ["normalization", "normalization/mean:0", "normalization/variance:0", "normalization/count:0"],
    ]);
    expect([...(await readKerasH5(bytes)).tensors.keys()]).toEqual([
      "block1a_dwconv/kernel",
      "block1a_dwconv/bias",
      "normalization/mean",
      "normalization/variance",
      "normalization/count",
    ]);
  });

  it.each([
    ["a/b", 'layer "a/b": expected a name of ASCII characters without "/"'],
    ["", 'layer ""'],
    [".", 'layer "."'],
    ["grün", 'layer "grün"'],
  ])("refuses the name %j", async (name, message) => {
    for (const write of [writeKerasH5, writeKerasWeightsH5]) {
      const writing = async () => write([layer(name, "Dense")]);
      await expect(writing()).rejects.toThrow(WeightsError);
      await expect(writing()).rejects.toThrow(message);
    }
  });

  it("refuses a name that occurs twice and a count that is no integer", async () => {
    const twice = async () => writeKerasH5([layer("a", "Dense"), layer("a", "Dense")]);
    await expect(twice()).rejects.toThrow('layer "a": occurs twice');
    const half = { shape: [], data: Float32Array.of(0.5) };
    const writing = writeKerasH5([{ name: "n", className: "Normalization", variables: [["count", half]] }]);
    await expect(writing).rejects.toThrow("count: expected one integer, got 1 values, 0.5 first");
  });
});
